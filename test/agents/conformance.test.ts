import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import type { Job } from '../../src/core/model/job';
import type { AgentCourier } from '../support/agentCourier';
import { gate } from '../support/gate';
import { answer, byMarker, failing, onlySays, usesFirst, write } from '../support/messagesTurns';
import { waitFor } from '../support/waitFor';
import { type Subject, subjects, swallowsEnter, type Wanted } from './subjects';

/** What was shown, by behaviour and agent: the table in the README. */
const shown = new Map<string, Map<string, string>>();

/** Starts an agent for one behaviour, shows it, and ends everything. */
type Show = (subject: Subject, start: (wanted: Wanted) => Promise<AgentCourier>) => Promise<void>;

const plain = byMarker({}, answer('Done.\n'));

async function completes(agent: AgentCourier, id: string): Promise<void> {
  const job = await agent.courier.ended(id, 60_000);
  assert.deepEqual([job.status, job.attempts], ['completed', 1], `${job.reason} ${job.message}`);
  assert.equal(job.inferred, undefined, 'its receipt proves the end');
  assert.equal(await agent.courier.output(job), 'Done.\n');
  assert.equal(agent.taken(id), 1);
}

/** That an end is inferred where this CLI gives no receipt of it, and only there. */
function infers(subject: Subject, end: Subject['infers'][number], job: Job): void {
  assert.equal(job.inferred ?? false, subject.infers.includes(end), job.message);
}

async function started(start: (wanted: Wanted) => Promise<AgentCourier>, wanted: Wanted): Promise<AgentCourier> {
  const agent = await start(wanted);
  await agent.courier.runner();
  return agent;
}

/** A job that works until the gate opens. */
async function working(start: Parameters<Show>[1], { before }: { before?: string } = {}) {
  const slow = gate();
  const agent = await started(start, { script: byMarker({ '[[slow]]': answer('late\n', slow) }, answer('Done.\n')) });
  if (before !== undefined) await completes(agent, await agent.courier.send(before));
  const id = await agent.courier.send('[[slow]]');
  await agent.courier.jobWhere(id, 'works', (job) => job.phase === 'working');
  return { agent, courier: agent.courier, id, slow };
}

/** A permission that is asked for in a job; `file` is what it would make. */
async function asked(subject: Subject, start: Parameters<Show>[1]) {
  const file = path.join(fs.mkdtempSync(path.join(tmpdir(), 'tc-')), 'made');
  const script = byMarker({ '[[ask]]': usesFirst(subject.asksFor(file)) }, answer('Done.\n'));
  const agent = await started(start, { script });
  const id = await agent.courier.send('[[ask]]');
  const waiting = await agent.waiting('permission');
  assert.ok(waiting.text.includes(path.dirname(file)), waiting.text);
  assert.equal(fs.existsSync(file), false);
  return { agent, courier: agent.courier, id, waiting, file };
}

const behaviours: Record<string, Show> = {
  'ready: its input row, and nothing typed before': async (_, start) => {
    const agent = await started(start, { script: plain });
    const request = { action: 'create_session', session_id: 'main', requested_by: 'test' } as const;
    await agent.courier.client.request(request);
    await agent.courier.sessionWhere('is ready', (session) => session.state === 'ready');
    assert.deepEqual(agent.api.turns, []);
  },
  'trust: shown, nothing typed, goes on by the named choice': async (subject, start) => {
    const agent = await started(start, { script: plain, trusted: false });
    const id = await agent.courier.send('Say hello.');
    const waiting = await agent.waiting('trust');
    assert.equal((await agent.courier.job(id))?.attempts, 0);
    assert.equal((await agent.answer(waiting, subject.trust!))?.ok, true);
    await completes(agent, id);
  },
  'login: shown, nothing typed': async (_, start) => {
    const agent = await started(start, { script: plain, loggedIn: false });
    const id = await agent.courier.send('Say hello.');
    await agent.waiting('login');
    assert.equal((await agent.courier.job(id))?.attempts, 0);
  },
  'done: the line is taken once, the answer is complete': async (_, start) => {
    const agent = await started(start, { script: plain });
    for (const text of ['Say hello.', 'Say hello again.']) await completes(agent, await agent.courier.send(text));
  },
  'a swallowed Enter is pressed again, the line is typed once': async (subject, start) => {
    const lost = path.join(fs.mkdtempSync(path.join(tmpdir(), 'tc-')), 'lost');
    const env = { REAL_CLI: subject.install(), ENTER_WAS_LOST: lost };
    const agent = await started(start, { script: plain, program: { command: swallowsEnter, env } });
    await completes(agent, await agent.courier.send('Say hello.'));
    assert.match(fs.readFileSync(lost, 'utf8'), /^\d+$/);
    fs.rmSync(path.dirname(lost), { recursive: true });
  },
  'permission: shown with what is asked for, allowed from here': async (subject, start) => {
    const { agent, courier, id, waiting, file } = await asked(subject, start);
    const reply = await courier.client.answer({ target: 'main', dialog_id: waiting.dialog_id, choice: 'allow-once' });
    assert.equal(reply?.ok, true, reply?.error);
    await completes(agent, id);
    assert.equal(fs.existsSync(file), true);
    fs.rmSync(path.dirname(file), { recursive: true });
  },
  'permission: denied from here, and the next job is taken': async (subject, start) => {
    const { agent, courier, id, waiting, file } = await asked(subject, start);
    const reply = await courier.client.answer({ target: 'main', dialog_id: waiting.dialog_id, choice: 'deny' });
    assert.equal(reply?.ok, true, reply?.error);
    const job = await courier.ended(id);
    assert.ok(['completed', 'failed'].includes(job.status), job.message);
    if (job.reason === 'agent_interrupted') assert.match(job.message ?? '', /^You refused a permission/);
    infers(subject, 'denial', job);
    assert.equal(fs.existsSync(file), false);
    await completes(agent, await courier.send('Say hello.'));
    fs.rmSync(path.dirname(file), { recursive: true });
  },
  'no answer file: one reminder, then failed with its last words': async (_, start) => {
    const agent = await started(start, { script: byMarker({}, onlySays('Shall I do it?')) });
    const id = await agent.courier.send('Do it.');
    const job = await agent.courier.ended(id, 60_000);
    assert.deepEqual([job.status, job.reason, agent.taken(id)], ['failed', 'no_output', 2], job.message);
    const kept = path.join(agent.courier.workspace, job.output_path.replace(/\.md$/, '.last-message.md'));
    assert.equal(fs.readFileSync(kept, 'utf8'), 'Shall I do it?\n');
  },
  'an error of its API: failed in its words, and the next job is taken': async (subject, start) => {
    const agent = await started(start, { script: byMarker({ '[[400]]': failing(400) }, answer('Done.\n')) });
    const id = await agent.courier.send('[[400]]');
    const job = await agent.courier.ended(id, 60_000);
    assert.deepEqual([job.status, job.reason], ['failed', 'agent_error'], job.message);
    assert.match(job.message ?? '', /scripted 400/);
    infers(subject, 'error', job);
    await completes(agent, await agent.courier.send('Say hello.'));
  },
  'Esc in its terminal: interrupted, and the next job is taken': async (subject, start) => {
    const { atWork, escapes } = subject;
    const { agent, courier, id, slow } = await working(start);
    let pressed = 0;
    const pressedEnough = async () => {
      const screen = await courier.screen();
      // The next one comes when the screen shows that those before were taken.
      const seen = escapes ? screen.split(escapes.says).length - 1 : 0;
      if (pressed < (escapes?.most ?? 1) && seen === pressed && atWork.test(screen)) {
        pressed++;
        await agent.press('Escape');
      }
      return (await courier.job(id))?.finished_at;
    };
    await waitFor(pressedEnough, { what: 'the end of the job' });
    const job = await courier.ended(id);
    assert.deepEqual([job.status, job.reason], ['failed', 'agent_interrupted'], job.message);
    infers(subject, 'escape', job);
    slow.open();
    await completes(agent, await courier.send('Say hello.'));
  },
  'cancelled at work: it stops, and the next job is taken': async (_, start) => {
    const { agent, courier, id, slow } = await working(start);
    assert.equal((await courier.client.request({ action: 'cancel', job_id: id, requested_by: 'test' }))?.ok, true);
    assert.equal((await courier.ended(id)).status, 'cancelled');
    slow.open();
    await completes(agent, await courier.send('Say hello.'));
    assert.equal(agent.taken(id), 1);
  },
  'kill -9 at work: failed, never typed again; the conversation goes on': async (_, start) => {
    // A first turn that is killed may not be on disk yet, so that there is no conversation to go on with.
    const { agent, courier, id, slow } = await working(start, { before: 'Say that you are there.' });
    process.kill(await agent.pid(), 'SIGKILL');
    const job = await courier.ended(id);
    assert.deepEqual([job.status, job.reason], ['failed', 'agent_exited'], job.message);
    slow.open();
    await completes(agent, await courier.send('Say hello.'));
    assert.equal(agent.taken(id), 1);
    assert.equal(new Set(agent.api.turns.map((turn) => turn.conversation)).size, 1);
  },
  'a write outside of the folder is not done unasked': async (_, start) => {
    const outside = path.join('/var/tmp', `tc-${process.pid}-${Math.random().toString(36).slice(2)}`);
    const script = byMarker({ '[[outside]]': usesFirst(write(outside, 'x')) }, answer('Done.\n'));
    const agent = await started(start, { script });
    try {
      const { courier } = agent;
      const id = await courier.send('[[outside]]');
      const ended = courier.ended(id, 60_000);
      const isAsked = async () => (await courier.job(id))?.waiting ?? (await courier.job(id))?.finished_at;
      await waitFor(isAsked, { what: 'a question, or the end of the job' });
      const waiting = (await courier.job(id))?.waiting;
      if (waiting) await courier.client.answer({ target: 'main', dialog_id: waiting.dialog_id, choice: 'deny' });
      await ended;
      assert.equal(fs.existsSync(outside), false);
      await completes(agent, await courier.send('Say hello.'));
    } finally {
      fs.rmSync(outside, { force: true });
    }
  },
  'left in its terminal: stopped, and nothing of it stays': async (subject, start) => {
    const agent = await started(start, { script: plain });
    await completes(agent, await agent.courier.send('Say hello.'));
    await agent.courier.sessionWhere('is ready', (session) => session.state === 'ready');
    await agent.press('-l', '--', subject.leave);
    await waitFor(async () => (await agent.courier.screen()).includes(subject.leave), { what: 'the typed line' });
    await agent.press('Enter');
    await agent.courier.sessionWhere('is stopped', (session) => session.state === 'stopped');
    await waitFor(() => agent.processes().length === 0, { what: () => agent.processes().join('\n') });
  },
};

for (const subject of subjects)
  describe(`${subject.title} ${subject.version}`, function () {
    this.timeout(150_000);
    let made: AgentCourier | undefined;
    before(function () {
      this.timeout(600_000);
      subject.install();
    });
    afterEach(async function () {
      const own = made;
      made = undefined;
      if (own && this.currentTest?.state === 'failed') {
        console.error(own.courier.logged.slice(-40).join('\n'));
        console.error(await own.courier.screen().catch((error) => `no screen: ${error}`), own.api.errors);
      }
      await own?.stop();
    });
    for (const [behaviour, show] of Object.entries(behaviours)) {
      const row = shown.get(behaviour) ?? new Map<string, string>();
      shown.set(behaviour, row);
      const why = subject.without?.[/^\w+/.exec(behaviour)![0]];
      if (why !== undefined) {
        row.set(subject.title, why);
        continue;
      }
      it(behaviour, async () => {
        row.set(subject.title, 'failed');
        await show(subject, async (wanted) => {
          made = await subject.create(wanted);
          return made;
        });
        row.set(subject.title, 'shown');
      });
    }
  });

after(() => {
  const heads = subjects.map(({ title, version }) => `${title} ${version}`);
  const rows = [...shown].map(([what, by]) => [what, ...subjects.map(({ title }) => by.get(title) ?? 'not run')]);
  const lines = [['behaviour', ...heads], ['---', ...heads.map(() => '---')], ...rows];
  console.log(`\n${lines.map((line) => `| ${line.join(' | ')} |`).join('\n')}\n`);
});
