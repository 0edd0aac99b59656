import assert from 'node:assert/strict';
import type { Job } from '../../src/core/model/job';
import { addRow } from '../faults/row';
import { processesOf } from '../support/agentCourier';
import { type ClaudeCourier, useClaude } from '../support/claudeCourier';
import { RunnerProcess } from '../support/runnerProcess';
import { waitFor } from '../support/waitFor';
import {
  type Doors,
  endUnseen,
  type Held,
  holdAll,
  holding,
  newDoors,
  type Place,
  places,
  sendingPid,
  settings,
  textOf,
  warmAll,
  withParent,
} from './heldJobs';

/** What is killed, and what the jobs whose agent or server went may come to. */
const died = ['failed agent_exited', 'failed session_lost'];
const faults = {
  'the agents': { kills: ['agents'], runner: 'monitor', held: died },
  'the tmux server': { kills: ['server'], runner: 'monitor', held: died },
  'the runner (a command that waits)': { kills: ['runner'], runner: 'wait', held: ['completed'] },
  'the background monitor': { kills: ['runner'], runner: 'monitor', held: ['completed'] },
  'agents, tmux server and monitor at once': {
    kills: ['runner', 'agents', 'server'],
    runner: 'monitor',
    held: [...died, 'failed runner_interrupted'],
  },
} as const;
type Fault = (typeof faults)[keyof typeof faults];

describe('kill -9', function () {
  this.timeout(180_000);
  let doors: Doors;
  let runner: RunnerProcess | undefined;
  let used: ClaudeCourier | undefined;

  // Before the workspace is taken away: a runner that is left would start its sessions again.
  afterEach(async function () {
    keepRow(this.currentTest!);
    doors.go.open();
    doors.unseen.open();
    await runner?.end('SIGKILL');
    runner = undefined;
    // Twice a CLI outlived the hangup that ends the workspace, why is not known; hooks and tools still have to end by themselves.
    const clis = used ? processesOf(used.home).filter((one) => one.includes('--settings')) : [];
    for (const one of clis) process.kill(Number.parseInt(one, 10), 'SIGKILL');
    used = undefined;
  });
  const start = useClaude();

  for (const [what, fault] of Object.entries(faults)) {
    it(`of ${what}, with a job at every place of its way: each comes to one right end, none is taken twice, no answer is lost`, async () => {
      doors = newDoors();
      const claude = await start({ script: holding(doors), settings });
      used = claude;
      const { courier } = claude;
      withParent(claude);
      runner = await RunnerProcess.start(courier, ['monitor']);
      await warmAll(claude);
      const held = await holdAll(claude, async (id) => {
        if (fault.runner !== 'wait') return;
        await runner!.end();
        runner = await RunnerProcess.start(courier, ['wait', id]);
      });
      runner.signal('SIGSTOP');
      await endUnseen(claude, doors, held.unseen);

      await strike(claude, runner, fault);
      if (fault.kills.includes('runner' as never)) runner = await RunnerProcess.start(courier, ['monitor']);
      else runner.signal('SIGCONT');
      if (fault.held[0] === 'completed') await goOn(claude, doors, held);

      for (const place of places) {
        const job = await courier.ended(held[place], 60_000);
        const end = [job.status, job.reason].filter(Boolean).join(' ');
        const wanted: readonly string[] = place === 'unseen' ? ['completed'] : fault.held;
        assert.ok(
          wanted.includes(end),
          `${place}: ${end}, not ${wanted.join(' or ')}: ${job.message}\n${runner.output}`,
        );
        await keptAnswer(claude, place, job);
        assert.equal(job.attempts, 1, place);
        const taken = place === 'sending' && end !== 'completed' ? 0 : 1;
        assert.equal(claude.taken(job.job_id), taken, `${place}: how often it was taken`);
      }
      const behind = await courier.ended(held.behind, 60_000);
      assert.deepEqual([behind.status, behind.message, claude.taken(behind.job_id)], ['completed', undefined, 1]);
      for (const place of places) await takesAnother(claude, place);
    });
  }
});

/** One row of the table of faults: a job at each place, and the one that is behind another. */
function keepRow({ title, state, duration = 0 }: Mocha.Test): void {
  const [tried, passed] = [places.length + 1, state === 'passed'];
  const counts = { tried, survived: passed ? tried : 0, lost: 0, doubled: 0, wrong: passed ? 0 : 1 };
  addRow({ fault: `kill -9 ${title.split(':')[0]}`, ...counts, seconds: duration / 1000 });
}

/** Kills all that the fault names, without a pause between. */
async function strike(claude: ClaudeCourier, runner: RunnerProcess, { kills }: Fault): Promise<void> {
  const { courier } = claude;
  const list = await courier.tmux('list-panes', '-a', '-F', '#{pane_pid} #{pid}');
  const rows = list
    .trim()
    .split('\n')
    .map((row) => row.split(' ').map(Number));
  assert.equal(rows.length, places.length);
  const victims: number[] = [];
  for (const kill of kills) {
    if (kill === 'runner') victims.push(runner.pid);
    if (kill === 'agents') victims.push(await sendingPid(claude), ...rows.map(([pane]) => pane!));
    if (kill === 'server') victims.push(rows[0]![1]!);
  }
  for (const pid of victims) process.kill(pid, 'SIGKILL');
  if (kills.includes('runner' as never)) await runner.end('SIGKILL');
}

/** Lets the agents, which are alive, do the rest of their work, and answers the one that asks. */
async function goOn(claude: ClaudeCourier, doors: Doors, held: Held): Promise<void> {
  const { courier } = claude;
  process.kill(await sendingPid(claude), 'SIGCONT');
  doors.go.open();
  const allowed = async () => {
    const { waiting } = (await courier.job(held.waiting))!;
    const choice = waiting?.choices[0]?.id;
    if (!waiting || !choice) return false;
    return (await courier.client.answer({ target: 'waiting', dialog_id: waiting.dialog_id, choice }, 5000))?.ok;
  };
  await waitFor(allowed, { timeout: 30_000, what: 'the permission is given' });
}

async function keptAnswer(claude: ClaudeCourier, place: Place, job: Job): Promise<void> {
  const whole = place === 'half' ? 'half and whole' : 'Whole.\n';
  const text = await textOf(claude, job);
  if (job.status === 'completed') return assert.equal(text, whole, place);
  assert.equal(text, place === 'half' ? 'half' : '', place);
  if (place === 'half') assert.match(job.message ?? '', new RegExp(`kept in ${job.output_path}`));
}

/** The session of this place is well again, with the conversation that it had. */
async function takesAnother(claude: ClaudeCourier, place: Place): Promise<void> {
  const { courier, api } = claude;
  const job = await courier.ended(await courier.send('Go on.', { session_id: place }), 60_000);
  assert.equal(job.status, 'completed', `${place}: ${JSON.stringify(job)}`);
  const own = api.turns.filter((turn) => turn.instruction.includes(`/active/${place}/`));
  assert.equal(new Set(own.map((turn) => turn.conversation)).size, 1, `${place}: one conversation`);
}
