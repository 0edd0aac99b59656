import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import type { Job } from '../../src/core/model/job';
import { installClaude } from '../support/claudeCode';
import { type ClaudeCourier, fixture } from '../support/claudeCourier';
import { type Gate, gate } from '../support/gate';
import { outputOf, readPrompt, type Script, say, tool, write } from '../support/messagesTurns';
import { waitFor } from '../support/waitFor';

/** The places on its way in which a job can be met by a fault, each held in a session of its own name. */
export const places = ['pending', 'sending', 'accepted', 'working', 'waiting', 'half', 'unseen'] as const;
export type Place = (typeof places)[number];

/** Doors of the pretended model: `go` lets all held turns go on, `unseen` only the one whose end nobody is to see. */
export interface Doors {
  go: Gate;
  unseen: Gate;
}

/** A model that holds each job of type `held` at its session's place, and answers all others at once. */
export function holding(doors: Doors): Script {
  return async function* (turn) {
    const held = /\/active\/([a-z]+)\/prompts\/held_/.exec(turn.instruction)?.[1];
    if (held === 'accepted') await doors.go.opened;
    const prompt = yield* readPrompt(turn);
    const output = outputOf(turn, prompt);
    if (held === 'waiting') yield tool('Bash', { command: 'python3 -V' });
    if (held === 'half') yield write(output, 'half');
    if (held === 'pending' || held === 'working' || held === 'half') await doors.go.opened;
    if (held === 'unseen') await doors.unseen.opened;
    yield write(output, held === 'half' ? 'half and whole' : 'Whole.\n');
    yield say('The answer is written.');
  };
}

export const newDoors = (): Doors => ({ go: gate(), unseen: gate() });

/** Settings under which every session may work at once. */
export const settings = { max_concurrent_jobs: 16, accept_timeout_s: 5 };

/** Lets the CLI of session `sending` be stopped: tmux wakes a stopped child of its own, so that there is a parent between. */
export function withParent({ courier }: ClaudeCourier): void {
  const { claude } = courier.settings.agents;
  const env = { ...claude!.env, REAL_CLAUDE: installClaude() };
  courier.settings.agents.parented = { ...claude!, type: 'claude', command: fixture('underAParent.sh'), env };
}

/** The process id of the CLI in session `sending`. */
export async function sendingPid(claude: ClaudeCourier): Promise<number> {
  const parent = await claude.pid('courier_sending');
  return Number(await fs.readFile(`/proc/${parent}/task/${parent}/children`, 'utf8'));
}

/** Makes one session for each place, each with a conversation that can be gone on with. */
export async function warmAll(claude: ClaudeCourier): Promise<void> {
  const { courier } = claude;
  const ids: string[] = [];
  for (const place of places) {
    const agent = place === 'sending' ? 'parented' : 'claude';
    ids.push(await courier.send('Say that you are there.', { session_id: place, agent }));
  }
  for (const id of ids) {
    const job = await courier.ended(id, 60_000);
    assert.equal(job.status, 'completed', `${job.session_id}: ${job.reason}: ${job.message}`);
  }
}

/** The ids of the jobs that are held; `behind` is pending behind the one that works in session `pending`. */
export type Held = Record<Place | 'behind', string>;

/** Brings one job to each place, all but the end of `unseen`. `begin` is called when the first job lies in the inbox. */
export async function holdAll(claude: ClaudeCourier, begin: (id: string) => Promise<void>): Promise<Held> {
  const { courier } = claude;
  await claude.idle('sending');
  process.kill(await sendingPid(claude), 'SIGSTOP');
  const held = {} as Held;
  for (const place of places) {
    held[place] = await courier.send(`Held at ${place}.`, { session_id: place, type: 'held' });
    if (place === 'pending') await begin(held[place]);
  }
  held.behind = await courier.send('Behind the held one.', { session_id: 'pending' });
  const at = (place: Place | 'behind', what: string, condition: (job: Job) => boolean) =>
    courier.jobWhere(held[place], `${place}: ${what}`, condition, 30_000);
  await at('pending', 'works', (job) => job.phase === 'working');
  await at('behind', 'is pending', (job) => job.status === 'pending');
  await at('sending', 'is sent', (job) => job.phase === 'sending' && job.attempts === 1);
  await at('accepted', 'is accepted', (job) => job.phase === 'accepted');
  await at('working', 'works', (job) => job.phase === 'working');
  await at('waiting', 'waits', (job) => job.waiting?.kind === 'permission');
  const half = await at('half', 'works', (job) => job.phase === 'working');
  await waitFor(async () => (await textOf(claude, half)) === 'half', { what: 'half of an answer' });
  await at('unseen', 'works', (job) => job.phase === 'working');
  return held;
}

/** Lets the job whose end nobody sees end: its answer and the CLI's own word are on disk. The runner must stand still. */
export async function endUnseen(claude: ClaudeCourier, doors: Doors, id: string): Promise<void> {
  const { courier } = claude;
  const job = (await courier.job(id))!;
  const folders = path.join(courier.user.root, 'folders');
  const [folderId] = await fs.readdir(folders);
  const { receipts } = courier.user.folder(folderId!).launch(job.launch_id!);
  doors.unseen.open();
  const stopped = async () => {
    for (const name of (await fs.readdir(receipts)).filter((one) => one.endsWith('.json'))) {
      const text = await fs.readFile(path.join(receipts, name), 'utf8');
      if (text.includes('"hook_event_name":"Stop"')) return true;
    }
    return false;
  };
  await waitFor(stopped, { timeout: 30_000, what: 'the end of the turn that nobody sees' });
  assert.equal((await courier.job(id))?.status, 'running');
}

/** A job's answer file as it is now; empty when there is none. */
export const textOf = (claude: ClaudeCourier, job: Job): Promise<string> => claude.courier.output(job).catch(() => '');
