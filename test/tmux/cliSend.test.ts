import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { TmuxServer } from '../support/tmuxServer';
import { waitFor } from '../support/waitFor';
import { CliWorkspace } from './cliWorkspace';

describe('courier send', function () {
  this.timeout(120_000);
  let work: CliWorkspace;
  beforeEach(async () => {
    work = await CliWorkspace.create();
  });
  afterEach(() => work.close());

  it('--wait runs the job itself, prints the output path, and leaves the agent alive for the next', async () => {
    const prompt = await work.file('prompt.md', '# Hello\n\n- TODO: answer\n');
    const first = await work.run(['send', '--agent', 'demo', '--wait', 'work/prompt.md', '--dir', 'work'], {
      cwd: work.root,
    });
    assert.equal(first.code, 0, first.stderr);
    assert.match(first.stdout, /^work\/\.courier\/sessions\/active\/main\/output\/\S+\.md\n$/);
    assert.notEqual(await fs.readFile(path.join(work.root, first.stdout.trim()), 'utf8'), '');
    const { runner, sessions, version } = await work.status();
    assert.deepEqual({ runner, version }, { runner: null, version: '1.0' });
    assert.deepEqual(
      sessions.map((s) => [s.session_id, s.agent, s.tmux_session, s.jobs]),
      [['main', 'demo', 'courier_main', []]],
    );
    // The command may have left before the agent showed its input row again.
    assert.ok(['ready', 'busy'].includes(sessions[0]!.state));
    const before = await work.tmuxSessions();
    assert.deepEqual(before, ['courier_main']);

    const second = await work.run(['send', '--wait', '--json', prompt]);
    assert.equal(second.code, 0, second.stderr);
    const job = JSON.parse(second.stdout);
    assert.deepEqual(
      [job.status, job.session_id, job.attempts, job.source.path],
      ['completed', 'main', 1, 'prompt.md'],
    );
    assert.deepEqual(await work.tmuxSessions(), before);
  });

  it('--fresh leaves no tmux session behind', async () => {
    const sent = await work.run(['send', '--agent', 'demo', '--fresh', '--wait', '-'], { input: 'one question' });
    assert.equal(sent.code, 0, sent.stderr);
    assert.deepEqual(await work.tmuxSessions(), []);
  });

  it('sends standard input byte for byte, whatever its size', async () => {
    const input = `${'line with ünïcode and \u001b[31m\n'.repeat(40_000)}end`;
    const sent = await work.run(['send', '--agent', 'demo', '--wait', '--json', '-'], { input });
    assert.equal(sent.code, 0, sent.stderr);
    const prompt = await fs.readFile(path.join(work.dir, JSON.parse(sent.stdout).prompt_path), 'utf8');
    assert.ok(prompt.includes(input));
    const left = await fs.readdir(path.join(work.dir, '.courier', 'inbox'));
    assert.deepEqual(left.sort(), ['done', 'rejected']);
  });

  it('says why a job failed, and exits with 1', async () => {
    const sent = await work.run(['send', '--agent', 'demo', '--wait', '-'], { input: 'demo-mode: crash\n' });
    assert.equal(sent.code, 1);
    assert.equal(sent.stdout, '');
    assert.match(sent.stderr, /failed \(agent_exited\)/);
  });

  it('says why a request was refused, and exits with 2', async () => {
    const sent = await work.run(['send', '--agent', 'no-such-agent', '--wait', '-'], { input: 'x' });
    assert.equal(sent.code, 2, sent.stderr);
    assert.match(sent.stderr, /no-such-agent/);
  });

  it('leaves the job running at Ctrl-C, and says how to go on', async () => {
    const sending = work.start(['send', '--agent', 'demo', '--wait', '-'], { input: 'demo-mode: slow=2500\n' });
    const busy = async () => (await work.status()).sessions[0]?.jobs[0]?.phase === 'working';
    await waitFor(busy, { timeout: 30_000, what: 'a job at work', interval: 100 });
    sending.child.kill('SIGINT');
    const { code, stderr } = await sending.ended;
    assert.equal(code, 130);
    const jobId = /courier wait (\S+)/.exec(stderr)?.[1];
    assert.ok(jobId && stderr.includes(`courier cancel ${jobId}`), stderr);
    const waited = await work.run(['wait', jobId]);
    assert.equal(waited.code, 0, waited.stderr);
    assert.match(waited.stdout, new RegExp(`${jobId}\\.md\n$`));
  });

  it('shows a dialog while it waits, and goes on when it is answered', async () => {
    const sending = work.start(['send', '--agent', 'demo', '--wait', '-'], { input: 'demo-mode: permission\n' });
    const line = await waitFor(() => /courier answer (\S+) (\S+)/.exec(sending.printed.stderr), { timeout: 30_000 });
    const shown = await work.run(['answer', line[1]!]);
    assert.equal(shown.code, 0);
    assert.ok(shown.stdout.includes(line[0]), shown.stdout);
    const wrong = await work.run(['answer', line[1]!, 'no-such-choice']);
    assert.equal(wrong.code, 2);
    const answered = await work.run(['answer', line[1]!, line[2]!]);
    assert.equal(answered.code, 0, answered.stderr);
    const { code, stderr } = await sending.ended;
    assert.equal(code, 0, stderr);
  });
});

describe('courier', function () {
  this.timeout(120_000);
  let work: CliWorkspace;
  beforeEach(async () => {
    work = await CliWorkspace.create();
  });
  afterEach(() => work.close());

  it('keeps a job for the next runner, which monitor --once is', async () => {
    const sent = await work.run(['send', '--agent', 'demo', '-'], { input: 'later' });
    assert.equal(sent.code, 0);
    const jobId = sent.stdout.trim();
    assert.match(sent.stderr, /No runner is alive/);
    const monitored = await work.run(['monitor', '--once']);
    assert.deepEqual([monitored.code, monitored.stdout], [0, ''], monitored.stderr);
    const waited = await work.run(['wait', '--json', jobId]);
    assert.deepEqual([waited.code, JSON.parse(waited.stdout).status], [0, 'completed']);
  });

  it('monitor runs what others send, and a signal ends it in order', async () => {
    const monitor = work.start(['monitor']);
    await waitFor(async () => (await work.status()).runner?.kind === 'background', { interval: 100 });
    const sent = await work.run(['send', '--agent', 'demo', '--json', '-'], { input: 'demo-mode: slow=30000\n' });
    assert.equal(sent.code, 0, sent.stderr);
    const { job_id, output_path } = JSON.parse(sent.stdout);
    assert.match(output_path, /output/);
    const waiting = work.start(['wait', job_id]);
    await waitFor(async () => (await work.status()).sessions[0]?.jobs[0]?.phase === 'working', { interval: 100 });
    assert.equal((await work.run(['cancel', job_id])).code, 0);
    const waited = await waiting.ended;
    assert.equal(waited.code, 1);
    assert.match(waited.stderr, /cancelled/);
    assert.equal((await work.run(['cancel', job_id])).code, 2, 'a job that has ended is not cancelled');
    monitor.child.kill('SIGTERM');
    assert.equal((await monitor.ended).code, 0);
    assert.equal((await work.status()).runner, null);
  });

  it('stop ends the agent, with no runner alive', async () => {
    assert.equal((await work.run(['send', '--agent', 'demo', '--wait', '-'], { input: 'x' })).code, 0);
    const stopped = await work.run(['stop', 'main']);
    assert.equal(stopped.code, 0, stopped.stderr);
    assert.equal((await work.status()).sessions[0]?.state, 'stopped');
    assert.deepEqual(await work.tmuxSessions(), []);
    assert.equal((await work.run(['attach', 'main'])).code, 1);
  });

  it("attach shows the session's own terminal, and leaves it as it is", async () => {
    assert.equal((await work.run(['send', '--agent', 'demo', '--wait', '-'], { input: 'x' })).code, 0);
    const terminal = await TmuxServer.create();
    try {
      const argv = [process.execPath, path.resolve('dist/courier.js'), 'attach', 'main', '--dir', work.dir];
      const { XDG_STATE_HOME = '', XDG_RUNTIME_DIR = '' } = work.env;
      const pane = await terminal.start(argv, { env: { XDG_STATE_HOME, XDG_RUNTIME_DIR } });
      await pane.waitForScreen(/demo/i);
      await pane.press('C-b', 'd');
      assert.equal(await pane.waitForExit(), 0);
    } finally {
      await terminal.stop();
    }
    assert.deepEqual(await work.tmuxSessions(), ['courier_main']);
  });

  it('runs nothing in a folder that came from elsewhere until it is adopted', async () => {
    assert.equal((await work.run(['send', '--agent', 'demo', '-'], { input: 'theirs' })).code, 0);
    const clone = path.join(work.root, 'clone');
    await fs.cp(work.dir, clone, { recursive: true });
    const refused = await work.run(['send', '--agent', 'demo', '--wait', '-'], { input: 'mine', cwd: clone });
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /courier adopt/);
    assert.equal((await work.run(['monitor', '--once'], { cwd: clone })).code, 2);
    const status = await work.run(['status'], { cwd: clone });
    assert.deepEqual([status.code, /courier adopt/.test(status.stderr)], [0, true]);
    const adopted = await work.run(['adopt'], { cwd: clone });
    assert.equal(adopted.code, 0, adopted.stderr);
    assert.match(adopted.stderr, /requests rejected: 1/);
    const sent = await work.run(['send', '--agent', 'demo', '--wait', '-'], { input: 'mine', cwd: clone });
    assert.equal(sent.code, 0, sent.stderr);
  });

  it('exits with 2 for what can not be done as said', async () => {
    const empty = await work.file('empty.md', '');
    for (const args of [
      ['send', 'no-such-file'],
      ['send', '.'],
      ['send', empty],
      ['send'],
      ['wait', 'j-none'],
      ['x'],
    ]) {
      const ended = await work.run(args);
      assert.equal(ended.code, 2, args.join(' '));
      assert.notEqual(ended.stderr, '');
    }
    assert.equal((await work.run(['status', '--dir', 'no-such-folder'])).code, 2);
  });

  it('prints its version and help', async () => {
    assert.match((await work.run(['--version'])).stdout, /^\d+\.\d+\.\d+\n$/);
    const help = await work.run(['send', '--help']);
    assert.equal(help.code, 0);
    assert.match(help.stdout, /Exit codes:/);
  });
});
