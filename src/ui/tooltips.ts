import * as vscode from 'vscode';
import type { Job } from '../core/model/job';
import type { SessionView } from '../core/store/snapshot';
import { clockTime, duration, jobLabel, jobProblem, jobState, stateWords } from './words';

/** Rows of a name and a value. Values come from files that an agent can write: they are escaped, and link to nothing. */
class Tooltip {
  readonly text = new vscode.MarkdownString();

  constructor(title: string, state: string) {
    this.text.appendMarkdown('**').appendText(title).appendMarkdown('** · ').appendText(state);
  }

  row(name: string, value: string | undefined): this {
    if (value) this.text.appendMarkdown(`\n\n${name}: `).appendText(value);
    return this;
  }

  block(value: string | undefined): this {
    if (value) this.text.appendMarkdown('\n\n').appendCodeblock(value, 'text');
    return this;
  }
}

/** The tooltip of a session. */
export function sessionTooltip({ metadata, health }: SessionView): vscode.MarkdownString {
  return new Tooltip(metadata.name || metadata.session_id, stateWords[metadata.state])
    .row('Agent', metadata.agent)
    .row('Reason', metadata.message ?? health?.error)
    .row('tmux session', metadata.tmux_session ?? undefined)
    .row('Made', clockTime(metadata.created_at))
    .block(metadata.waiting?.text).text;
}

/** The tooltip of a job. */
export function jobTooltip(job: Job): vscode.MarkdownString {
  const ended = job.status === 'failed' || job.status === 'timeout';
  const took = job.started_at && job.finished_at ? ` (${duration(job.started_at, job.finished_at)})` : '';
  return new Tooltip(jobLabel(job), jobState(job))
    .row('Reason', ended ? jobProblem(job) : job.message)
    .row('From', job.source?.path)
    .row('Prompt', job.prompt_path)
    .row('Answer', job.output_path)
    .row('Sent', clockTime(job.created_at))
    .row('Ended', job.finished_at && `${clockTime(job.finished_at)}${took}`)
    .row('Retry of', job.retry_of)
    .row('Job', job.job_id)
    .block(job.waiting?.text).text;
}

/** A title over a text as it stands on the screen. */
export function textTooltip(title: string, text: string): vscode.MarkdownString {
  return new Tooltip(title, 'waiting for you').block(text).text;
}
