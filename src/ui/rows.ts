import { isFinal, type Job } from '../core/model/job';
import type { CourierFolder } from './courierFolder';
import { type AgentKind, choiceIcon, type Icon, jobIcon, otherIcons, sessionIcon } from './icons';
import {
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
        spoken: `${node.folder.name}, folder`,
      };
    case 'foreign':
      return {
        ...button('Not from this machine', 'click to adopt', otherIcons.foreign, 'foreign'),
        spoken: `Not from this machine: ${node.why}. Click to adopt.`,
      };
    case 'session':
      return sessionRow(node, now);
    case 'dialog': {
      const title = waitingWords[node.waiting.kind];
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
      const { id, label } = node.choice;
      return { label, icon: choiceIcon(id), context: 'choice', opens: true, spoken: `Answer: ${label}` };
    }
    case 'job':
      return jobRow(node, now);
    case 'empty': {
      const description = isForeign(node.folder) ? undefined : 'select text and send it';
      return { label: 'No jobs yet', description, context: 'empty', spoken: 'No jobs yet' };
    }
    case 'more':
      return button('Show More', 'earlier jobs', otherIcons.more, 'more');
    case 'unmanaged': {
      const description = `unmanaged · since ${clockTime(node.tmux.created_at, now)}`;
      const spoken = `${node.tmux.name}, tmux session, ${description}`;
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

function sessionRow({ folder, session, open }: SessionNode, now: number): Row {
  const { metadata, jobs } = session;
  const foreign = isForeign(folder);
  const label = metadata.name || metadata.session_id;
  const queued = jobs.filter((job) => job.status === 'pending').length;
  const paused = metadata.paused_at && !foreign ? 'paused' : '';
  const parts = [
    // First, since a side bar is narrow.
    paused,
    ...(foreign ? ['not adopted'] : doingNow(folder, session, now)),
    metadata.notice && !foreign ? 'new conversation' : '',
    queued > 0 ? `${queued} queued` : '',
    metadata.agent,
  ];
  const description = parts.filter(Boolean).join(' · ');
  return {
    label,
    description,
    icon: sessionIcon(agentKind(folder, metadata.agent), foreign ? 'stopped' : metadata.state),
    context: `${foreign ? 'foreignSession' : 'session'}.${metadata.state}${paused && '.paused'}`,
    below: open ? 'open' : 'closed',
    spoken: `${label}, session, ${description}`,
  };
}

/** What a session does now: its state, and of the job that it works on for how long and with which tool. */
function doingNow(folder: CourierFolder, { metadata, jobs }: SessionNode['session'], now: number): string[] {
  const state = stateWords[metadata.state];
  const job = jobs.find((one) => one.status === 'running' && one.mode === 'session');
  return metadata.state === 'busy' && job ? atWork(folder, job, state, now) : [state];
}

function atWork({ layout }: CourierFolder, job: Job, state: string, now: number): string[] {
  const time = runningFor(job.accepted_at ?? job.started_at, now);
  return [time ? `${state} ${time}` : state, activityWords(job, layout.workspace)];
}

/** So much of a title leaves room for where the job stands, also in a narrow side bar. */
const mostTitle = 32;

function jobRow({ folder, job, isNew }: JobNode, now: number): Row {
  const foreign = isForeign(folder);
  const title = titleWords(job);
  const took = job.finished_at && job.started_at ? duration(job.started_at, job.finished_at) : '';
  const time = clockTime(job.finished_at ?? job.started_at ?? job.created_at, now);
  const state = foreign && !isFinal(job.status) ? 'not adopted' : jobState(job);
  const running = job.status === 'running' && !foreign;
  const doing = running && job.phase !== 'waiting' ? atWork(folder, job, state, now) : [state];
  const completed = job.status === 'completed';
  const origin = originWords(job);
  const about = [origin === title ? '' : origin, running ? '' : time];
  // The icon says that it is completed, and a side bar is narrow.
  const shown = completed ? [isNew ? 'new' : '', took, ...about] : [...doing, took, ...about];
  return {
    label: shortened(title, mostTitle),
    description: shown.filter(Boolean).join(' · '),
    icon: state === 'not adopted' ? otherIcons.notAdopted : completed && isNew ? otherIcons.newAnswer : jobIcon(job),
    context: `${foreign ? 'foreignJob' : 'job'}.${job.status}`,
    below: ownDialog(job) && !foreign ? 'open' : undefined,
    opens: true,
    spoken: [title, 'job', completed && isNew ? 'new answer' : doing.filter(Boolean).join(' '), took, ...about]
      .filter(Boolean)
      .join(', '),
  };
}

function setupRow({ folder, finding }: SetupNode): Row {
  const { title, detail, status, fixes } = finding.check;
  return {
    label: title,
    description: folder ? `${folder.name}: ${detail}` : detail,
    icon: otherIcons[status === 'problem' ? 'problem' : 'warning'],
    context: fixes.length > 0 ? 'setup.fixable' : 'setup',
    opens: true,
    spoken: `${status}: ${title}. ${detail}`,
  };
}

const starts = {
  newSession: { label: 'New Session', detail: 'an agent that stays alive in tmux', icon: otherIcons.newSession },
  tryDemo: { label: 'Try the Demo Agent', detail: 'built in, needs no account', icon: otherIcons.demo },
  getStarted: { label: 'Get Started', detail: 'the first five minutes', icon: otherIcons.getStarted },
};

function startRow({ start }: StartNode): Row {
  const { label, detail, icon } = starts[start];
  return { label, description: detail, icon, context: 'start', opens: true, spoken: label };
}

/** Which of the kinds that we know an agent is; its id may be of the user's own choosing. */
export function agentKind({ settings }: Pick<CourierFolder, 'settings'>, agent: string): AgentKind {
  const own = Object.hasOwn(settings.agents, agent) ? settings.agents[agent]?.type : undefined;
  return own ?? (agent === 'claude' || agent === 'demo' ? agent : 'custom');
}
