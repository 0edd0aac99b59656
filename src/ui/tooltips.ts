import * as vscode from 'vscode';
import type { Job } from '../core/model/job';
import type { SessionView } from '../core/store/snapshot';
import { clockTime, duration, jobProblem, jobState, originWords, stateWords, titleWords } from './words';

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
  return new Tooltip(metadata.name || metadata.session_id, stateWords[metadata.state])
    .row('Agent', metadata.agent)
    .row('Reason', metadata.message ?? health?.error)
    .row('Note', metadata.notice)
    .row('tmux session', metadata.tmux_session ?? undefined)
    .row('Made', clockTime(metadata.created_at))
    .block('It asks', metadata.waiting?.text)
    .block('In its terminal', screen).text;
}

/** The tooltip of a job. */
export function jobTooltip(job: Job, { prompt, screen }: Details): vscode.MarkdownString {
  const ended = job.status === 'failed' || job.status === 'timeout';
  return new Tooltip(titleWords(job), jobState(job))
    .row('Reason', ended ? jobProblem(job) : job.message)
    .row('Now', job.phase === 'working' ? job.activity : undefined)
    .row('From', originWords(job))
    .row('Prompt', job.prompt_path)
    .row('Answer', job.output_path)
    .row('Steps', stepWords(job))
    .row('Retry of', job.retry_of)
    .row('Job', job.job_id)
    .block('The prompt', prompt)
    .block('It asks', job.waiting?.text)
    .block('In its terminal', screen).text;
}

/** When each step of a job was, and how long after the one before. */
function stepWords(job: Job): string {
  const steps: [string, string | undefined][] = [
    ['sent', job.created_at],
    ['started', job.started_at],
    ['taken by the agent', job.accepted_at],
    ['reminded', job.reminded_at],
    ['ended', job.finished_at],
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
  return new Tooltip(title, state).block('It says', text).text;
}
