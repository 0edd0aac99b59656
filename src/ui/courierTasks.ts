import * as path from 'node:path';
import * as v from 'valibot';
import * as vscode from 'vscode';
import { CourierError } from '../core/support/errors';
import type { CourierApi, SendRequest } from './api';
import { taskType } from './contributions';
import { problemOf } from './coreWords';
import { t } from './l10n';
import { fromFile, textOf } from './promptItem';
import { dialogWords, jobProblem, jobState } from './words';

/** What a task of type `courier` says in tasks.json: a prompt, or a file of the workspace that holds it. */
const Definition = v.pipe(
  v.looseObject({
    type: v.literal(taskType),
    prompt: v.optional(v.string()),
    file: v.optional(v.string()),
    session: v.optional(v.string()),
    mode: v.optional(v.picklist(['session', 'fresh'])),
    timeout: v.optional(v.number()),
  }),
  v.check(
    (one) => (one.prompt === undefined) !== (one.file === undefined),
    () => t('it has either a prompt or a file'),
  ),
);
type Definition = v.InferOutput<typeof Definition>;

/** Lets a job be a task: it is sent, waited for, and the task fails as the job does. */
export function registerCourierTasks(api: CourierApi): vscode.Disposable {
  return vscode.tasks.registerTaskProvider(taskType, {
    provideTasks: () => [],
    resolveTask: ({ definition, name, scope }) => {
      const where = scope ?? vscode.TaskScope.Workspace;
      const folder = typeof where === 'object' ? where : vscode.workspace.workspaceFolders?.[0];
      const execution = new vscode.CustomExecution(async (resolved) => new JobTerminal(api, resolved, folder));
      return new vscode.Task(definition, where, name, 'courier', execution);
    },
  });
}

/** Shows how a job goes, line by line; closing it cancels the job. */
class JobTerminal implements vscode.Pseudoterminal {
  private readonly written = new vscode.EventEmitter<string>();
  private readonly closed = new vscode.EventEmitter<number>();
  private readonly stop = new vscode.CancellationTokenSource();
  private jobId: string | undefined;
  private ended = false;
  readonly onDidWrite = this.written.event;
  readonly onDidClose = this.closed.event;

  constructor(
    private readonly api: CourierApi,
    private readonly definition: vscode.TaskDefinition,
    private readonly folder: vscode.WorkspaceFolder | undefined,
  ) {}

  open(): void {
    this.run()
      .catch((error) => {
        if (!(error instanceof vscode.CancellationError)) this.say(problemOf(error));
        return 1;
      })
      .then((code) => {
        this.ended = true;
        this.closed.fire(code);
      });
  }

  close(): void {
    this.stop.cancel();
    if (this.jobId !== undefined && !this.ended) void this.api.cancel(this.jobId).catch(() => undefined);
  }

  /** What a person types: Ctrl+C ends the job. */
  handleInput(data: string): void {
    if (data === '\x03') this.close();
  }

  private async run(): Promise<number> {
    const id = await this.api.send(await requestOf(this.definition, this.folder));
    this.jobId = id;
    this.say(t('Sent as job {0}', id));
    const following = this.api.onDidChangeJob(({ job }) => {
      if (job.job_id !== id) return;
      this.say(job.waiting ? `${jobState(job)}: ${dialogWords(job.waiting)}` : jobState(job));
    });
    try {
      if (this.stop.token.isCancellationRequested) await this.api.cancel(id);
      const { job, answer } = await this.api.result(id, this.stop.token);
      if (answer === undefined) {
        this.say(`${jobState(job)}: ${jobProblem(job)}`);
        return 1;
      }
      this.say(`${t('The answer is in {0}', job.output_path)}\n\n${answer}`);
      return 0;
    } finally {
      following.dispose();
    }
  }

  private say(text: string): void {
    // An answer is any text: what would move the cursor or set the title is not shown.
    const plain = text.replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, '');
    this.written.fire(`${plain.replace(/\n/g, '\r\n')}\r\n`);
  }
}

async function requestOf(
  said: vscode.TaskDefinition,
  folder: vscode.WorkspaceFolder | undefined,
): Promise<SendRequest> {
  const read = v.safeParse(Definition, said);
  if (!read.success) {
    throw new CourierError('bad_task', t("The task can't be used: {0}. Nothing was sent.", read.issues[0].message));
  }
  const { session, mode, timeout: timeout_s } = read.output;
  const prompt = await promptOf(read.output, folder);
  return { prompt, folder: folder?.uri.fsPath, session, mode, timeout_s, requested_by: 'vscode-task' };
}

async function promptOf({ prompt, file }: Definition, folder: vscode.WorkspaceFolder | undefined): Promise<string> {
  if (prompt !== undefined) return prompt;
  const full = folder && path.resolve(folder.uri.fsPath, file ?? '');
  if (!folder || !full || path.relative(folder.uri.fsPath, full).startsWith('..')) {
    throw new CourierError('bad_task', t('{0} is no file of this folder, so nothing was sent.', file ?? ''));
  }
  return textOf(await fromFile(vscode.Uri.file(full)));
}
