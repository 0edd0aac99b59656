import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { openFolder } from '../../src/core/store/folder';
import { writeSettings } from '../../src/core/store/settings';
import { readSnapshot } from '../../src/core/store/snapshot';
import { systemClock } from '../../src/core/support/clock';
import { type Process, processesWith } from '../support/processTable';
import { SeededRandom } from '../support/seededRandom';
import { TestCourier } from '../support/testCourier';
import { waitFor } from '../support/waitFor';
import { addRow } from './row';
import { Calm } from './soakCalm';
import { Candidates } from './soakCandidates';
import { judgeEnds, type Problem } from './soakEnds';
import { Killer, send } from './soakKiller';
import { leftJobs } from './soakLeft';
import { Orphans } from './soakOrphans';
import { Person } from './soakPerson';
import { planSoak, sizes } from './soakPlan';

// SOAK_SEED and SOAK_JOBS choose another soak; SOAK_KEEP names a folder for a copy of its own, with what the processes said and were struck by.
const form = process.env.FAULT_FORM === 'full' ? 'full' : 'short';
const size = { ...sizes[form], ...(process.env.SOAK_JOBS && { jobs: Number(process.env.SOAK_JOBS) }) };
const seed = Number(process.env.SOAK_SEED ?? Date.now() % 1_000_000);

describe(`soak (SOAK_SEED=${seed})`, function () {
  this.timeout((size.limitS + 200) * 1000);
  let courier: TestCourier;
  let candidates: Candidates;
  let struck: Killer['struck'] = [];
  const keepIn = process.env.SOAK_KEEP;
  const alive = (): Process[] => processesWith('XDG_RUNTIME_DIR', path.join(courier.root, 'run'));

  afterEach(async () => {
    await candidates?.end('SIGKILL');
    for (const { pid } of courier ? alive() : []) send(pid, 'SIGKILL');
    if (courier && keepIn) await keep(keepIn);
    await courier?.stop();
  });

  it(`${size.jobs} jobs over ${size.sessions} sessions, while a killer is about`, async () => {
    const began = Date.now();
    const random = new SeededRandom(seed);
    const plan = planSoak(random, size);
    courier = await TestCourier.create({
      settings: {
        version: '1.0',
        heartbeat_s: 0.5,
        takeover_after_s: 2,
        scan_interval_s: 1,
        accept_timeout_s: 5,
        recover_delays_s: [0.2, 1, 3],
      },
    });
    const record = path.join(courier.root, 'record.jsonl');
    courier.settings.agents.demo = { args: [], interrupt_key: 'Escape', quiet_time_s: 5, env: { DEMO_RECORD: record } };
    await writeSettings(courier.user, courier.settings);
    const registration = await openFolder(courier.layout, courier.user, systemClock);
    const folder = courier.user.folder(registration.folder_id);
    const person = new Person(courier, random, size);
    candidates = new Candidates(courier);
    const killer = new Killer({ random, size, folder, candidates, processes: alive });
    struck = killer.struck;
    const pause = () => random.between(100, 1500);
    for (const _ of [1, 2]) candidates.keep(() => ['monitor'], pause);

    const attending = person.attend();
    const sending = person.send(plan);
    candidates.keep(() => (person.newest ? ['wait', person.newest] : ['status']), pause);
    const killing = killer.run();
    const orphans = new Orphans(alive);
    const watching = orphans.watch();
    let late: string | undefined;
    try {
      const all = async () => person.sentAll && (await person.live()) === 0;
      const limit = began + size.limitS * 1000 - Date.now();
      const what = async () => `all jobs' ends; ${person.sent.size} were sent\n${await stuck()}`;
      await waitFor(all, { timeout: limit, interval: 500, what }).catch((error: Error) => {
        late = error.message;
      });
    } finally {
      await killer.end();
      await killing;
      await person.end();
      orphans.end();
      await Promise.all([sending, attending, watching]);
    }
    const soaked = (Date.now() - began) / 1000;
    const { sent, askedToCancel, recovered } = person;
    const story = { layout: courier.layout, sent, askedToCancel, recovered, struck: killer.struck, record };
    const { problems, ends, jobs } = await judgeEnds(story);
    problems.push(...(await leftJobs(courier, jobs)));
    const wrong = (text: string) => problems.push({ kind: 'wrong', text } satisfies Problem);
    if (late) wrong(late);
    for (const odd of candidates.odd) wrong(`a courier process ${odd}`);
    for (const orphan of orphans.found) wrong(orphan);
    const strikes: Record<string, number> = {};
    for (const { what } of killer.struck) strikes[what] = (strikes[what] ?? 0) + 1;
    const listed = (counts: Record<string, number>) =>
      Object.entries(counts)
        .map(([what, count]) => `${what} ${count}`)
        .join(', ');
    console.log(`      ${listed(ends)}`);
    console.log(
      `      ${listed(strikes)}; recovered by the person ${recovered.length}; an agent outlived its server by ${orphans.longest} ms at most; ${soaked} s`,
    );
    const calm = new Calm(courier, registration, candidates, alive);
    await calm.check();
    for (const problem of calm.problems) wrong(problem);
    const count = (kind: Problem['kind']) => problems.filter((one) => one.kind === kind).length;
    addRow({
      fault: 'soak: runner, monitor, tmux server and agents ended or stopped at random',
      tried: size.jobs,
      survived: size.jobs - problems.length,
      lost: count('lost'),
      doubled: count('doubled'),
      wrong: count('wrong'),
      seconds: (Date.now() - began) / 1000,
    });
    const told = problems.map(({ kind, text }) => `\n  ${kind}: ${text}`).join('');
    assert.ok(problems.length === 0, `SOAK_SEED=${seed}${told}`);
  });

  /** Copies what stands on disk out of the sandbox, which goes with the test; sockets can't be copied. */
  async function keep(parent: string): Promise<void> {
    const dir = path.join(parent, `soak-${seed}-${Date.now()}`);
    const filter = async (from: string) => !(await fs.lstat(from)).isSocket();
    await fs.cp(courier.root, dir, { recursive: true, filter });
    await fs.writeFile(path.join(dir, 'said.log'), candidates.log);
    await fs.writeFile(path.join(dir, 'struck.json'), JSON.stringify(struck, null, 1));
    console.log(`      kept: ${dir}`);
  }

  const snapshot = () => readSnapshot(courier.layout, courier.user, systemClock, { historyLimit: 0 });

  async function stuck(): Promise<string> {
    const { sessions, runner } = await snapshot();
    const jobs = sessions.flatMap(({ jobs, metadata }) => jobs.map((job) => ({ ...job, at: metadata.state })));
    const inbox = (await fs.readdir(courier.layout.inbox)).join(' ');
    const table = alive().map(({ pid, name, state, command }) => `${pid} ${state} ${name} ${command.slice(0, 200)}`);
    return [
      JSON.stringify(runner),
      inbox,
      ...jobs.map((job) => JSON.stringify(job)),
      ...table,
      candidates.log.slice(-6000),
    ].join('\n');
  }
});
