import type { MarkdownString } from 'vscode';
import type { Job } from '../core/model/job';
import { findPromptText, readBeginning } from '../core/runner/promptFile';
import type { SetupCheck } from '../core/setup/check';
import { findTmux } from '../core/tmux/findTmux';
import { lastLines } from '../core/tmux/lastLines';
import { freshSessionName } from '../core/tmux/names';
import { translated } from './coreWords';
import type { CourierFolder } from './courierFolder';
import { t } from './l10n';
import { isForeign, type JobNode, type Node, type SessionNode } from './nodes';
import { jobTooltip, sessionTooltip, textTooltip } from './tooltips';
import { checkTexts, checkWords, choiceWords, waitingWords } from './words';

/** How much of a prompt and of a pane is shown. */
const promptLines = 6;
const promptBytes = 1200;
const screenRows = 8;

/** The tooltip of a node, made when it is about to be shown; what can't be looked up is left out. */
export async function nodeTooltip(node: Node): Promise<string | MarkdownString | undefined> {
  switch (node.kind) {
    case 'folder':
      return node.folder.layout.workspace;
    case 'foreign':
      return t('{0}. It is shown, and nothing in it is run until you adopt it.', translated(node.why));
    case 'session':
      return sessionTooltip(node.session, { screen: await screenOf(node, node.session.metadata.tmux_session) });
    case 'lastSeen':
      return t('As it was last shown; its files are being read.');
    case 'dialog':
      return textTooltip(waitingWords(node.waiting.kind), t('waiting for you'), translated(node.waiting.text));
    case 'choice':
      return t('Answer: {0}', choiceWords(node.choice));
    case 'job': {
      const [prompt, screen] = await Promise.all([promptOf(node), screenOf(node, paneOf(node))]);
      return jobTooltip(node.job, { prompt, screen });
    }
    case 'unmanaged':
      return t("A tmux session on this folder's server that Courier did not make, or knows no more.");
    case 'setup':
      return setupTooltip(node.finding.check);
    default:
      return undefined;
  }
}

/** The tmux session that a job works in now. */
function paneOf({ folder, session, job }: JobNode): string | null | undefined {
  if (job.status !== 'running') return undefined;
  return job.mode === 'fresh' ? freshSessionName(folder.settings, job.job_id) : session.metadata.tmux_session;
}

async function screenOf({ folder }: JobNode | SessionNode, tmuxSession: string | null | undefined) {
  const standing = folder.snapshot?.standing;
  if (standing?.kind !== 'own' || !tmuxSession) return undefined;
  try {
    const tmux = await findTmux(folder.settings.tmux_path);
    return await lastLines(tmux, standing.registration.socket, tmuxSession, screenRows);
  } catch {
    // Without tmux there is no screen; the tooltip has all else.
    return undefined;
  }
}

async function promptOf({ folder, job }: { folder: CourierFolder; job: Job }): Promise<string | undefined> {
  const file = folder.layout.resolve(job.prompt_path);
  if (file === undefined || isForeign(folder)) return job.title;
  try {
    const range = await findPromptText(file);
    if (!range) return job.title;
    const { text, cut } = await readBeginning(range, promptBytes);
    const lines = text.trim().split('\n');
    const isCut = cut || lines.length > promptLines;
    return `${lines.slice(0, promptLines).join('\n')}${isCut ? '\n…' : ''}`;
  } catch {
    // Clean Up may have removed it.
    return job.title;
  }
}

function setupTooltip(check: SetupCheck): MarkdownString {
  const { title, detail } = checkTexts(check);
  return textTooltip(title, checkWords(check.status), detail);
}
