import * as fs from 'node:fs/promises';
import type { Command } from 'commander';
import type { SendInput } from '../core/client';
import { readRunner } from '../core/runner/claims';
import { openFolder } from '../core/store/folder';
import { findJob, readSessions } from '../core/store/snapshot';
import type { FolderState } from '../core/store/userState';
import { isoTime } from '../core/support/clock';
import { chooseSession } from './chooseSession';
import { type Context, type FolderOptions, openContext, parseId, parseSeconds, withFolder } from './context';
import { noAnswerError, refusedError } from './exitCodes';
import { commandFor, note, print, printJson } from './print';
import { type Prompt, readPrompt } from './readPrompt';
import { RunnerKeeper } from './runnerKeeper';
import { waitForJob } from './waitForJob';

interface SendOptions extends FolderOptions {
  session?: string;
  agent?: string;
  fresh?: boolean;
  timeout?: number;
  type?: string;
  follow?: string;
  wait?: boolean;
}

/** `courier send`: hands a prompt to an agent. */
export function registerSend(program: Command): void {
  const command = program
    .command('send')
    .description('send a prompt; prints the job id, or with --wait the path of the output')
    .argument('<file>', 'the prompt; "-" reads standard input')
    .option('--session <id>', 'the session (default: the only one, else "main"); made when it is not there', parseId)
    .option('--agent <id>', 'the agent of a session that is made', parseId)
    .option('--fresh', 'run in a conversation and tmux session of its own')
    .option('--timeout <seconds>', 'seconds of silence after which the job times out', parseSeconds)
    .option('--type <id>', 'the first word of the names of its files (default: "task")', parseId)
    .option('--follow <job>', 'queue it right behind this job, in the same conversation', parseId)
    .option('--wait', 'wait for the end; runs the job itself when no runner is alive');
  withFolder(command, { json: true }).action(async (file: string, options: SendOptions) => {
    const context = await openContext(options);
    const { folder_id } = await openFolder(context.layout, context.user, context.clock);
    const folder = context.user.folder(folder_id);
    const prompt = await readPrompt(context.layout, context.clock, file);
    try {
      process.exitCode = await (options.wait ? sendAndWait : drop)(context, prompt, options, folder);
    } finally {
      if (prompt.temporary) await fs.rm(prompt.temporary, { force: true });
    }
  });
}

async function sendInput(context: Context, prompt: Prompt, options: SendOptions): Promise<SendInput> {
  const { agent, fresh, follow } = options;
  const followed = follow && !options.session ? await findJob(context.layout, follow) : undefined;
  const named = options.session ?? followed?.session_id;
  const known = named ? [] : await readSessions(context.layout);
  return {
    // A fresh job runs its own agent, in any session's folder.
    session_id: named ?? chooseSession(known, fresh ? undefined : agent),
    follows: follow,
    prompt: prompt.prompt,
    source: prompt.source,
    agent,
    mode: fresh ? 'fresh' : 'session',
    type: options.type,
    timeout_s: options.timeout,
    requested_by: 'courier send',
  };
}

async function sendAndWait(context: Context, prompt: Prompt, options: SendOptions): Promise<number> {
  const keeper = new RunnerKeeper(context);
  try {
    // Not waited for here: the runner starts while the request is written, and following the job meets its failure.
    void keeper.ensure().catch(() => {});
    const input = await sendInput(context, prompt, options);
    const jobId = await context.client.send(input);
    return await waitForJob(context, keeper, jobId, { json: options.json, session: input.session_id });
  } finally {
    await keeper.stop();
  }
}

/** Drops the prompt into the inbox and waits only for a live runner's word that it took it. */
async function drop(context: Context, prompt: Prompt, options: SendOptions, folder: FolderState): Promise<number> {
  const { layout, clock, client } = context;
  const input = await sendInput(context, prompt, options);
  const [jobId, owner] = await Promise.all([client.send(input), readRunner(folder, clock)]);
  const runner = owner !== null || (await wakeMonitor(context, folder));
  if (runner) {
    const reply = await client.reply(jobId, 10_000);
    if (!reply) throw noAnswerError();
    if (!reply.ok) throw refusedError(reply.error);
  }
  if (options.json) {
    const job = runner ? await findJob(layout, jobId, input.session_id) : undefined;
    printJson(job ?? notTakenYet(jobId, input, isoTime(clock.now())));
  } else print(jobId);
  if (!runner) {
    note(
      [
        'No runner is alive, so the job stays in the inbox until one is. Any of these runs it:',
        `  ${commandFor(context, 'wait', jobId)}    runs it, and waits for its end`,
        `  ${commandFor(context, 'monitor', '--start')}    runs all jobs, in the background`,
        '  or open the folder in VS Code',
      ].join('\n'),
    );
  }
  return 0;
}

/** Starts the folder's monitor where the user wants one and has not stopped it; says whether one runs. */
async function wakeMonitor(context: Context, folder: FolderState): Promise<boolean> {
  if (context.settings.monitor !== 'background') return false;
  const [{ readMonitor }, { startInBackground }] = await Promise.all([
    import('../core/monitor/post'),
    import('./monitor'),
  ]);
  if ((await readMonitor(folder, context.clock)).kind === 'stopped') return false;
  await startInBackground(context);
  return true;
}

/** A job that no runner has seen: it has no files yet. */
function notTakenYet(job_id: string, input: SendInput, created_at: string) {
  const { session_id, agent, mode, type = 'task' } = input;
  return { job_id, session_id, agent, type, mode, status: 'pending', created_at, attempts: 0 };
}
