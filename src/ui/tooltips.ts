import * as vscode from 'vscode';
import type { Job } from '../core/model/job';
import type { SessionView } from '../core/store/snapshot';
import { translated } from './coreWords';
import { t } from './l10n';
import { clockTime, duration, inferredWords, jobProblem, jobState, originWords, stateWords, titleWords } from './words';

/** What is looked up when a tooltip is about to be shown. */
export interface Details {
  /** The first lines of the prompt. */
  prompt?: string;
  /** The last lines of the pane. */
  screen?: string;
}

/** Rows of a name and a value. Values come from files that an agent can write: they are shown as text, whatever they hold. */
class Tooltip {
  readonly text = new vscode.MarkdownString();

  constructor(title: string, state: string) {
    this.text.appendMarkdown(`**${asText(title)}** · ${asText(state)}`);
  }

  row(name: string, value: string | undefined): this {
    if (value) this.text.appendMarkdown(`\n\n${name}: ${asText(value)}`);
    return this;
  }

  block(name: string, value: string | undefined): this {
    if (value?.trim()) this.text.appendMarkdown(`\n\n${name}:\n`).appendCodeblock(value, 'text');
    return this;
  }
}

/**
 * A text that Markdown shows as it is. VS Code's own `appendText` leaves what becomes a link by itself, such as an address;
 * here no character but letters, digits and spaces stays what it is.
 */
function asText(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.replace(/[^\p{L}\p{N} ]/gu, (character) => `&#${character.codePointAt(0)};`);
}

/** The tooltip of a session. */
export function sessionTooltip({ metadata, health }: SessionView, { screen }: Details): vscode.MarkdownString {
  return new Tooltip(metadata.name || metadata.session_id, stateWords(metadata.state))
    .row(t('Agent'), metadata.agent)
    .row(t('Reason'), translated(metadata.message ?? health?.error))
    .row(t('Note'), translated(metadata.notice))
    .row(t('tmux session'), metadata.tmux_session ?? undefined)
    .row(t('Made'), clockTime(metadata.created_at))
    .block(t('It asks'), translated(metadata.waiting?.text))
    .block(t('In its terminal'), screen).text;
}

/** The tooltip of a job. */
export function jobTooltip(job: Job, { prompt, screen }: Details): vscode.MarkdownString {
  const ended = job.status === 'failed' || job.status === 'timeout';
  return new Tooltip(titleWords(job), jobState(job))
    .row(t('Reason'), ended ? jobProblem(job) : translated(job.message))
    .row(t('Inferred'), inferredWords(job))
    .row(t('Now'), job.phase === 'working' ? job.activity : undefined)
    .row(t('From'), originWords(job))
    .row(t('Prompt'), job.prompt_path)
    .row(t('Answer'), job.output_path)
    .row(t('Steps'), stepWords(job))
    .row(t('Retry of'), job.retry_of)
    .row(t('Job'), job.job_id)
    .block(t('The prompt'), prompt)
    .block(t('It asks'), translated(job.waiting?.text))
    .block(t('In its terminal'), screen).text;
}

/** When each step of a job was, and how long after the one before. */
function stepWords(job: Job): string {
  const steps: [string, string | undefined][] = [
    [t('sent'), job.created_at],
    [t('started'), job.started_at],
    [t('taken by the agent'), job.accepted_at],
    [t('reminded'), job.reminded_at],
    [t('ended'), job.finished_at],
  ];
  const words: string[] = [];
  let before: string | undefined;
  for (const [name, at] of steps) {
    if (at === undefined) continue;
    words.push(`${name} ${before === undefined ? clockTime(at) : `+${duration(before, at)}`}`);
    before = at;
  }
  return words.join(' → ');
}

/** A title over a text as it stands on the screen. */
export function textTooltip(title: string, state: string, text: string): vscode.MarkdownString {
  return new Tooltip(title, state).block(t('It says'), text).text;
}
