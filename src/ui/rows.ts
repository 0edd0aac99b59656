import { isFinal, type Job } from '../core/model/job';
import { agentTypes } from '../core/store/settings';
import { translated } from './coreWords';
import type { CourierFolder } from './courierFolder';
import { type AgentKind, choiceIcon, groupIcon, type Icon, jobIcon, otherIcons, sessionIcon } from './icons';
import type { GroupMember } from './jobGroups';
import { t } from './l10n';
import {
  type GroupNode,
  isForeign,
  type JobNode,
  type Node,
  ownDialog,
  type SessionNode,
  type SetupNode,
  type StartNode,
} from './nodes';
import {
  activityWords,
  checkTexts,
  checkWords,
  choiceWords,
  clockTime,
  dialogWords,
  duration,
  jobState,
  originWords,
  runningFor,
  shortened,
  stateWords,
  titleWords,
  waitingWords,
} from './words';

/** What a row of the tree shows. Equal rows look the same, so that they need not be drawn again. */
export interface Row {
  label: string;
  description?: string;
  icon?: Icon;
  /** What menus know it by: what it is, and its state. */
  context?: string;
  /** Whether others stand below it, and whether they are shown from the start. */
  below?: 'open' | 'closed';
  /** Whether a click, or Enter, does something. */
  opens?: boolean;
  /** What a screen reader says. */
  spoken: string;
}

/** The row of a node; `now` is in milliseconds of the wall clock. */
export function rowOf(node: Node, now: number): Row {
  switch (node.kind) {
    case 'folder':
      return {
        label: node.folder.name,
        icon: otherIcons.folder,
        context: isForeign(node.folder) ? 'folder.foreign' : 'folder.own',
        below: 'open',
        spoken: t('{0}, folder', node.folder.name),
      };
    case 'foreign':
      return {
        ...button(t('Not from this machine'), t('click to adopt'), otherIcons.foreign, 'foreign'),
        spoken: t('Not from this machine: {0}. Click to adopt.', translated(node.why)),
      };
    case 'group':
      return groupRow(node);
    case 'session':
      return sessionRow(node, now);
    case 'lastSeen':
      return node.row;
    case 'dialog': {
      const title = waitingWords(node.waiting.kind);
      const words = dialogWords(node.waiting);
      return {
        label: title,
        description: words,
        icon: otherIcons.dialog,
        context: 'dialog',
        spoken: `${title} ${words}`,
      };
    }
    case 'choice': {
      const label = choiceWords(node.choice);
      const icon = choiceIcon(node.choice.id);
      return { label, icon, context: 'choice', opens: true, spoken: t('Answer: {0}', label) };
    }
    case 'job':
      return jobRow(node, now);
    case 'empty': {
      const description = isForeign(node.folder) ? undefined : t('select text and send it');
      return { label: t('No jobs yet'), description, context: 'empty', spoken: t('No jobs yet') };
    }
    case 'more':
      return button(t('Show More'), t('earlier jobs'), otherIcons.more, 'more');
    case 'unmanaged': {
      const description = t('unmanaged · since {0}', clockTime(node.tmux.created_at, now));
      const spoken = t('{0}, tmux session, {1}', node.tmux.name, description);
      return { label: node.tmux.name, description, icon: otherIcons.unmanaged, context: 'unmanaged', spoken };
    }
    case 'setup':
      return setupRow(node);
    case 'start':
      return startRow(node);
  }
}

function button(label: string, description: string, icon: Icon, context: string): Row {
  return { label, description, icon, context, opens: true, spoken: `${label}, ${description}` };
}

function sessionRow({ folder, session, open, unseen = [] }: SessionNode, now: number): Row {
  const { metadata, jobs } = session;
  const foreign = isForeign(folder);
  const label = metadata.name || metadata.session_id;
  const queued = jobs.filter((job) => job.status === 'pending').length;
  const paused = metadata.paused_at && !foreign ? t('paused') : '';
  const answers = unseen.filter((job) => job.status === 'completed').length;
  const failed = unseen.length - answers;
  const parts = [
    // First, since a side bar is narrow.
    paused,
    ...(foreign ? [t('not adopted')] : doingNow(folder, session, now)),
    failed > 0 && !foreign ? t('{0} failed', failed) : '',
    answers > 0 && !foreign ? t('{0} new', answers) : '',
    metadata.notice && !foreign ? t('new conversation') : '',
    queued > 0 ? t('{0} queued', queued) : '',
    metadata.agent,
  ];
  const description = parts.filter(Boolean).join(' · ');
  return {
    label,
    description,
    icon: sessionIcon(agentKind(folder, metadata.agent), foreign ? 'stopped' : metadata.state),
    context: `${foreign ? 'foreignSession' : 'session'}.${metadata.state}${paused && '.paused'}`,
    below: open ? 'open' : 'closed',
    spoken: t('{0}, session, {1}', label, description),
  };
}

/** What a session does now: its state, and of the job that it works on for how long and with which tool. */
function doingNow(folder: CourierFolder, { metadata, jobs }: SessionNode['session'], now: number): string[] {
  const state = stateWords(metadata.state);
  const job = jobs.find((one) => one.status === 'running' && one.mode === 'session');
  return metadata.state === 'busy' && job ? atWork(folder, job, state, now) : [state];
}

function atWork({ layout }: CourierFolder, job: Job, state: string, now: number): string[] {
  const time = runningFor(job.accepted_at ?? job.started_at, now);
  return [time ? `${state} ${time}` : state, activityWords(job, layout.workspace)];
}

/** So much of a title is about what a side bar of 300 px shows; where the job stands its icon says as well. */
const mostTitle = 32;

function groupRow({ group, open }: GroupNode): Row {
  const { members, live, answers, failed, picked } = group;
  const [first] = members;
  const label = first ? shortened(titleWords(first.job), mostTitle) : group.id;
  const waiting = live.some(({ job }) => job.phase === 'waiting');
  const done = picked && live.length === 0 ? '' : t('{0} of {1} done', members.length - live.length, members.length);
  const parts = [
    picked ? t('picked: {0}', memberName(picked)) : '',
    done,
    waiting ? t('needs an answer') : '',
    failed.length > 0 ? t('{0} failed', failed.length) : '',
  ];
  const description = parts.filter(Boolean).join(' · ');
  return {
    label,
    description,
    icon: groupIcon(group),
    context: `group.${live.length > 0 ? 'live' : 'ended'}${answers.length > 1 ? '.answers' : ''}`,
    below: open ? 'open' : 'closed',
    spoken: t('{0}, sent to several sessions, {1}', label, description),
  };
}

const memberName = ({ session, job }: GroupMember) => session.metadata.name || job.session_id;

function jobRow({ folder, session, job, isNew, inGroup, isPicked }: JobNode, now: number): Row {
  const foreign = isForeign(folder);
  const title = titleWords(job);
  const took = job.finished_at && job.started_at ? duration(job.started_at, job.finished_at) : '';
  const time = clockTime(job.finished_at ?? job.started_at ?? job.created_at, now);
  const locked = foreign && !isFinal(job.status);
  const state = locked ? t('not adopted') : jobState(job);
  const running = job.status === 'running' && !foreign;
  const doing = running && job.phase !== 'waiting' ? atWork(folder, job, state, now) : [state];
  const completed = job.status === 'completed';
  const origin = originWords(job);
  const about = [job.inferred ? t('inferred') : '', origin === title ? '' : origin, running ? '' : time];
  // The icon says that it is completed, and a side bar is narrow.
  const shown = completed
    ? [isPicked ? t('picked') : isNew ? t('new') : '', took, ...about]
    : [...doing, took, ...about];
  return {
    // The group has the prompt's words, so that its rows say who was asked.
    label: shortened(inGroup ? memberName({ session, job }) : title, mostTitle),
    description: shown.filter(Boolean).join(' · '),
    icon: locked
      ? otherIcons.notAdopted
      : isPicked
        ? otherIcons.picked
        : completed && isNew
          ? otherIcons.newAnswer
          : jobIcon(job),
    context: `${foreign ? 'foreignJob' : 'job'}.${job.status}${inGroup && completed ? '.grouped' : ''}`,
    below: ownDialog(job) && !foreign ? 'open' : undefined,
    opens: true,
    spoken: [
      inGroup ? session.metadata.name : '',
      title,
      t('job'),
      completed && isNew ? t('new answer') : doing.filter(Boolean).join(' '),
      isPicked ? t('picked') : '',
      took,
      ...about,
    ]
      .filter(Boolean)
      .join(', '),
  };
}

function setupRow({ folder, finding }: SetupNode): Row {
  const { status, fixes } = finding.check;
  const { title, detail } = checkTexts(finding.check);
  return {
    label: title,
    description: folder ? `${folder.name}: ${detail}` : detail,
    icon: otherIcons[status === 'problem' ? 'problem' : 'warning'],
    context: fixes.length > 0 ? 'setup.fixable' : 'setup',
    opens: true,
    spoken: `${checkWords(status)}: ${title}. ${detail}`,
  };
}

const starts: Record<StartNode['start'], () => { label: string; detail: string; icon: Icon }> = {
  newSession: () => ({
    label: t('New Session'),
    detail: t('an agent that stays alive in tmux'),
    icon: otherIcons.newSession,
  }),
  tryDemo: () => ({ label: t('Try the Demo Agent'), detail: t('built in, needs no account'), icon: otherIcons.demo }),
  getStarted: () => ({
    label: t('Get Started'),
    detail: t('the first five minutes'),
    icon: otherIcons.getStarted,
  }),
};

function startRow({ start }: StartNode): Row {
  const { label, detail, icon } = starts[start]();
  return { label, description: detail, icon, context: 'start', opens: true, spoken: label };
}

/** Which of the kinds that we know an agent is; its id may be of the user's own choosing. */
export function agentKind({ settings }: Pick<CourierFolder, 'settings'>, agent: string): AgentKind {
  const own = Object.hasOwn(settings.agents, agent) ? settings.agents[agent]?.type : undefined;
  return own ?? agentTypes.find((id) => id === agent) ?? 'custom';
}
