import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { DisposableStore } from '../../src/core/support/disposables';
import { CourierError, describeForLog, hasCode, messageOf } from '../../src/core/support/errors';
import { Emitter } from '../../src/core/support/events';
import { findExecutable } from '../../src/core/support/findExecutable';
import { cleanEnvironment, run } from '../../src/core/support/process';
import { isGone, ownIdentity } from '../../src/core/support/processIdentity';
import { Throttled } from '../../src/core/support/throttled';
import { Turns } from '../../src/core/support/turns';
import { Aborted, until } from '../../src/core/support/until';
import { FakeClock } from '../support/fakeClock';
import { makeTempDir } from '../support/tempDir';
import { waitFor } from '../support/waitFor';

describe('what is throttled', () => {
  it('is handed on at once, then the last of what came meanwhile, and nothing after it was disposed', async () => {
    const clock = new FakeClock();
    const handed: string[] = [];
    const throttled = new Throttled<string>(clock, 1000, (value) => handed.push(value));
    for (const value of ['a', 'b', 'c']) throttled.set(value);
    assert.deepEqual(handed, ['a']);
    await clock.advance(1000);
    assert.deepEqual(handed, ['a', 'c']);
    await clock.advance(1000);
    throttled.set('d');
    assert.deepEqual(handed, ['a', 'c', 'd']);
    throttled.set('e');
    throttled.dispose();
    await clock.advance(5000);
    assert.deepEqual(handed, ['a', 'c', 'd']);
    assert.equal(clock.waiting, 0, 'no timer is left');
  });
});

describe('until', () => {
  const make = () => ({ clock: new FakeClock(), wake: new Emitter<void>(), stop: new AbortController() });

  it('looks at once, at each wake and at each poll', async () => {
    const { clock, wake, stop } = make();
    let looks = 0;
    const options = { clock, wake: wake.event, pollMs: 100, signal: stop.signal };
    const found = until(() => (++looks === 4 ? 'found' : undefined), options);
    await clock.advance(0);
    assert.equal(looks, 1);
    wake.fire();
    await clock.advance(0);
    assert.equal(looks, 2);
    await clock.advance(99);
    assert.equal(looks, 2);
    await clock.advance(101);
    assert.equal(await found, 'found');
    assert.equal(clock.waiting, 0, 'no timer is left');
  });

  it('loses no wake that comes while it looks', async () => {
    const { clock, wake, stop } = make();
    let there = false;
    const look = async () => {
      const seen = there;
      if (!seen) {
        there = true;
        wake.fire();
      }
      await Promise.resolve();
      return seen || undefined;
    };
    assert.equal(await until(look, { clock, wake: wake.event, signal: stop.signal }), true);
  });

  it('ends at its limit with nothing, after a last look', async () => {
    const { clock, wake, stop } = make();
    let looks = 0;
    const options = { clock, wake: wake.event, limitMs: 1000, signal: stop.signal };
    const found = until(() => void looks++, options);
    await clock.advance(999);
    assert.equal(looks, 1);
    await clock.advance(1);
    assert.equal(await found, undefined);
    assert.equal(looks, 2);
  });

  it('ends by an abort, at once, with its reason; also one that was there before', async () => {
    const { clock, wake, stop } = make();
    const options = { clock, wake: wake.event, signal: stop.signal };
    const waiting = until(() => undefined, options);
    await clock.advance(0);
    stop.abort('why');
    const aborted = (error: unknown) => error instanceof Aborted && error.reason === 'why';
    await assert.rejects(waiting, aborted);
    await assert.rejects(
      until(() => assert.fail('looked'), options),
      aborted,
    );
  });

  it('gives on what the look throws', async () => {
    const { clock, wake, stop } = make();
    const look = () => Promise.reject(new Error('broken'));
    await assert.rejects(until(look, { clock, wake: wake.event, signal: stop.signal }), /broken/);
  });
});

describe('events, disposables, errors', () => {
  it('tells each listener once, also the same function twice, and none that has left', () => {
    const emitter = new Emitter<number>();
    const seen: number[] = [];
    const listener = (n: number) => seen.push(n);
    const first = emitter.event(listener);
    emitter.event(listener);
    emitter.fire(1);
    first.dispose();
    emitter.fire(2);
    emitter.dispose();
    emitter.fire(3);
    assert.deepEqual(seen, [1, 1, 2]);
  });

  it('lets a listener leave while it is told', () => {
    const emitter = new Emitter<void>();
    let count = 0;
    const own = emitter.event(() => {
      count++;
      own.dispose();
    });
    emitter.event(() => count++);
    emitter.fire();
    assert.equal(count, 2);
  });

  it('gives back in reverse order, once, and at once what comes too late', () => {
    const given: string[] = [];
    const item = (name: string) => ({ dispose: () => given.push(name) });
    const store = new DisposableStore();
    store.add(item('a'));
    store.add(item('b'));
    store.dispose();
    store.dispose();
    store.add(item('late'));
    assert.deepEqual(given, ['b', 'a', 'late']);
  });

  it('keeps the cause for the log and out of the message', () => {
    const error = new CourierError('x', 'said', { cause: new Error('because') });
    assert.equal(messageOf(error), 'said');
    assert.match(describeForLog(error), /said[\s\S]*caused by: Error: because/);
    assert.equal(messageOf('text'), 'text');
    assert.ok(hasCode(error, 'x') && !hasCode(new Error('no'), 'x') && !hasCode('no', 'x'));
  });
});

describe('turns', () => {
  it('take each item once before any comes again, also while the list changes', () => {
    const turns = new Turns(3);
    const items = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
    const taken = [turns.next(items), turns.next(items), turns.next(items)];
    assert.deepEqual(taken, [
      ['a', 'b', 'c'],
      ['d', 'e', 'f'],
      ['g', 'a', 'b'],
    ]);
    assert.deepEqual(turns.next(['a', 'b']), ['a', 'b']);
    for (let length = 3; length < 9; length++) {
      const some = items.slice(0, length);
      const all = Array.from({ length: Math.ceil(length / 3) }, () => turns.next(some));
      assert.ok(all.every((part) => new Set(part).size === Math.min(3, some.length)));
      assert.deepEqual([...new Set(all.flat())].sort(), some);
    }
  });

  it('take everything while there is little', () => {
    const turns = new Turns(8);
    for (let i = 0; i < 3; i++) assert.deepEqual(turns.next([1, 2]), [1, 2]);
    assert.deepEqual(turns.next([]), []);
  });
});

/** Whether a process is there and no zombie that its parent has not noticed. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

describe('processes', () => {
  it('passes arguments through untouched, and says how a program ended', async () => {
    const odd = ['$HOME', '`id`', '; exit 3', '"', "'", '\n', '#(x)', ''];
    const print = 'process.stdout.write(JSON.stringify(process.argv.slice(1)))';
    const result = await run(process.execPath, ['-e', print, '--', ...odd], { timeoutMs: 10_000 });
    assert.deepEqual(JSON.parse(result.stdout), odd);
    const bad = await run(process.execPath, ['-e', 'process.exit(3)'], { timeoutMs: 10_000 });
    assert.ok(bad.failed && bad.exitCode === 3 && !bad.timedOut);
    const none = await run('/nonexistent/program', [], { timeoutMs: 1000 });
    assert.ok(none.failed && none.problem);
    const slow = await run(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { timeoutMs: 300 });
    assert.ok(slow.failed && slow.timedOut);
    assert.equal(result.problem, undefined);
    assert.ok((await run('x'.repeat(300_000), [], { timeoutMs: 1000 })).failed);
    assert.ok((await run('sh', ['-c', ':', 'x'.repeat(3_000_000)], { timeoutMs: 1000 })).failed, 'too long a list');
    assert.ok((await run('sh', ['-c', ':'], { timeoutMs: 1000, cwd: '/nonexistent' })).failed);
  });

  it('gives a program its input, whole or as far as it reads it, and takes all that it prints', async () => {
    const input = 'ä'.repeat(400_000);
    const through = await run('cat', [], { timeoutMs: 30_000, input });
    assert.ok(through.stdout === input && !through.failed);
    assert.equal((await run('true', [], { timeoutMs: 30_000, input })).failed, false);
    const both = await run('sh', ['-c', 'echo out; echo err >&2; kill -9 $$'], { timeoutMs: 30_000 });
    assert.deepEqual([both.stdout, both.stderr, both.exitCode, both.failed], ['out\n', 'err\n', undefined, true]);
    assert.match(both.problem ?? '', /SIGKILL/);
    const talks = await run('sh', ['-c', 'exec yes'], { timeoutMs: 60_000 });
    assert.ok(talks.failed && !talks.timedOut && talks.stdout.length <= 64 * 1024 * 1024);
  });

  it('ends a program that ignores being told so, and one that is called off', async () => {
    const deaf = ['-c', 'trap "" TERM; echo up; while :; do sleep 0.1; done'];
    const late = await run('sh', deaf, { timeoutMs: 500 });
    assert.ok(late.timedOut && late.failed);
    const stop = new AbortController();
    const running = run('sh', deaf, { timeoutMs: 60_000, signal: stop.signal });
    stop.abort();
    const off = await running;
    assert.ok(off.failed && !off.timedOut);
    assert.ok((await run('true', [], { timeoutMs: 1000, signal: stop.signal })).failed);
  });

  it('when it is contained, ends all that it started with it, and waits for nothing that they keep open', async () => {
    const options = { timeoutMs: 500, contained: true };
    const { timedOut, stdout } = await run('sh', ['-c', 'sleep 86400 & echo $!; wait'], options);
    assert.ok(timedOut);
    await waitFor(() => !isAlive(Number(stdout)), { what: 'the end of what it started' });
  });

  it('keeps from tmux and agents what would lead them astray', () => {
    const env = { PATH: '/bin', LANG: 'x', TMUX: 's,1,0', TMUX_PANE: '%1', TMUX_TMPDIR: '/x', COURIER_RECEIPTS: '/x' };
    const more = {
      VSCODE_PID: '1',
      ELECTRON_RUN_AS_NODE: '1',
      NODE_OPTIONS: '-r x',
      CLAUDECODE: '1',
      TMUXINATOR: 'kept',
    };
    assert.deepEqual(cleanEnvironment({ ...env, ...more }), { PATH: '/bin', LANG: 'x', TMUXINATOR: 'kept' });
  });

  it('tells a process from a later one with its number, and from one that has ended', async function () {
    const own = await ownIdentity();
    if (own.start_time === undefined) this.skip();
    assert.equal(await isGone(own), false);
    assert.equal(await isGone({ ...own, start_time: '1' }), true, 'the same number, started at another time');
    assert.equal(
      await isGone({ ...own, start_time: '1', scope: 'another machine' }),
      false,
      'nothing is known of others',
    );
    assert.equal(await isGone({ pid: own.pid, host: own.host }), false);
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: 'pipe' });
    const stat = await fs.readFile(`/proc/${child.pid}/stat`, 'utf8');
    const start_time = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    const identity = { ...own, pid: child.pid!, start_time };
    assert.equal(await isGone(identity), false);
    const ended = new Promise((resolve) => child.on('exit', resolve));
    child.kill('SIGKILL');
    await ended;
    assert.equal(await isGone(identity), true);
  });

  it('finds programs on PATH, in the usual folders of a home, and by a path; says where it looked', async () => {
    const temp = await makeTempDir();
    try {
      const program = async (file: string, mode = 0o755) => {
        const full = path.join(temp.path, file);
        await fs.mkdir(path.dirname(full), { recursive: true });
        await fs.writeFile(full, '#!/bin/sh\n', { mode });
        return full;
      };
      const find = (command: string, PATH = '') =>
        findExecutable(command, 'The CLI', 'courier.x', { HOME: temp.path, PATH });
      const local = await program('.local/bin/tc-cli');
      const first = await program('first/tc-cli');
      assert.equal(await find('tc-cli'), local);
      assert.equal(await find('tc-cli', `relative:${path.dirname(first)}`), first);
      assert.equal(await find('~/first/tc-cli'), first);
      assert.equal(await find(first), first);
      await program('plain/tc-other', 0o644);
      await fs.mkdir(path.join(temp.path, 'plain/tc-dir'));
      for (const bad of ['tc-other', 'tc-dir', 'tc-none'])
        await assert.rejects(find(bad, path.join(temp.path, 'plain')), (error: CourierError) => {
          assert.equal(error.code, 'no_agent');
          return String(error.cause).includes(`${temp.path}/plain`) && error.message.includes('courier.x');
        });
    } finally {
      await temp.remove();
    }
  });
});
