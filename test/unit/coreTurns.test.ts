import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import type { Agent, AgentEvent, ScreenState } from '../../src/core/agents/agent';
import { readHookReceipt } from '../../src/core/agents/hookReceipt';
import { ReceiptFolder } from '../../src/core/agents/receipts';
import { endIn, type TurnContext, watchTurn } from '../../src/core/runner/watchTurn';
import type { AgentPane } from '../../src/core/sessions/agentPane';
import { Attention } from '../../src/core/sessions/attention';
import { defaultSettings } from '../../src/core/store/settings';
import { Emitter } from '../../src/core/support/events';
import { FakeClock } from '../support/fakeClock';
import { makeTempDir } from '../support/tempDir';

const accepted = (promptId: string): AgentEvent => ({ kind: 'accepted', promptId, prompt: '', conversationId: 'c' });
const finished = (promptId?: string, message = ''): AgentEvent => ({ kind: 'finished', promptId, message });

describe('receipts of Claude Code', () => {
  const read = (name: string) =>
    readHookReceipt(JSON.parse(readFileSync(path.resolve(`test/fixtures/receipts/claude/${name}.json`), 'utf8')));

  it('are read into our own words', () => {
    assert.deepEqual(read('SessionStart'), {
      ...{ kind: 'started', conversationId: '15179605-34e9-4d75-9f19-ed162a3fce69', resumed: false },
    });
    assert.ok((read('SessionStart-resume') as { resumed: boolean }).resumed);
    const submit = read('UserPromptSubmit');
    assert.ok(submit?.kind === 'accepted' && submit.prompt.startsWith('Job j-20261122-7f3b: '));
    assert.equal(submit.promptId, '4637a8cd-f373-4455-b7eb-09250763a6b0');
    const stop = read('Stop');
    assert.ok(stop?.kind === 'finished' && stop.message === 'The answer is written.');
    assert.equal(stop.promptId, submit.promptId);
    for (const [name, text] of [
      ['StopFailure', '400'],
      ['StopFailure-401', '401'],
      ['StopFailure-429', '429'],
      ['StopFailure-529', '529'],
    ] as const) {
      const failure = read(name);
      assert.ok(failure?.kind === 'failed' && failure.message.includes(text), name);
    }
    const asked = (name: string) => {
      const event = read(name);
      return event?.kind === 'permission' ? [event.what, event.holds, event.yesOrNo] : [];
    };
    const outside = '/home/dev/other/written-outside.txt';
    assert.deepEqual(asked('PermissionRequest'), [`Write: ${outside}`, 'written-outside.txt', true]);
    const python = 'python3 -c "print(1)"';
    assert.deepEqual(asked('PermissionRequest-bash'), [`Bash: ${python}\nPrint a number`, python, true]);
    assert.deepEqual(asked('PermissionRequest-read')[0], 'Read: /home/dev/other/outside.txt');
    assert.equal(asked('PermissionRequest-question')[2], false);
    const use = read('PreToolUse');
    assert.ok(use?.kind === 'activity' && use.what.startsWith('Read /home/dev'));
    assert.deepEqual(read('SessionEnd'), { kind: 'ended', reason: 'prompt_input_exit', wished: true });
    for (const name of ['Notification', 'Notification-idle', 'PostToolUse', 'PostToolUseFailure'])
      assert.equal(read(name), undefined);
  });

  it('count even when a field has another shape than expected, and not when they are no receipts', () => {
    const stop = { hook_event_name: 'Stop', session_id: 's', prompt_id: 'p', last_assistant_message: null };
    assert.deepEqual(readHookReceipt(stop), { kind: 'finished', promptId: 'p', message: '' });
    const ask = {
      hook_event_name: 'PermissionRequest',
      session_id: 's',
      tool_name: 'X',
      tool_input: { command: ['ls'] },
    };
    assert.equal(readHookReceipt(ask)?.kind, 'permission');
    assert.equal(readHookReceipt({ ...ask, tool_input: 'text' })?.kind, 'permission');
    const failure = { hook_event_name: 'StopFailure', session_id: 's', error: { type: 'overloaded' } };
    assert.match((readHookReceipt(failure) as { message: string }).message, /overloaded/);
    for (const none of [null, 7, 'Stop', [], {}, { hook_event_name: 'Stop' }, { hook_event_name: 7, session_id: 's' }])
      assert.equal(readHookReceipt(none), undefined, JSON.stringify(none));
  });

  it('are taken once each, in the order in which they came, broken ones passed over', async () => {
    const temp = await makeTempDir();
    try {
      const put = async (name: string, value: unknown, time: number) => {
        const file = path.join(temp.path, name);
        await fs.writeFile(file, typeof value === 'string' ? value : JSON.stringify(value));
        await fs.utimes(file, time, time);
      };
      const read = async (from: ReceiptFolder) => (await from.readNew()).map(({ payload }) => payload);
      const folder = new ReceiptFolder(temp.path);
      await put('z.json', 1, 100);
      await put('b-2.json', 3, 200);
      await put('b-1.json', 2, 200);
      await put('a.json', 4, 300);
      await put('broken.json', '{', 150);
      await put('.half.json', 9, 100);
      await put('other.txt', 9, 100);
      await fs.mkdir(path.join(temp.path, 'dir.json'));
      await fs.symlink('a.json', path.join(temp.path, 'link.json'));
      assert.deepEqual(await read(folder), [1, 2, 3, 4]);
      assert.deepEqual(await read(folder), []);
      await put('0.json', 5, 50);
      assert.deepEqual(await folder.readNew(), [{ id: '0', payload: 5 }]);
      await folder.clear();
      assert.deepEqual(await new ReceiptFolder(temp.path).readNew(), []);
      assert.deepEqual(await new ReceiptFolder(path.join(temp.path, 'none')).readNew(), []);
    } finally {
      await temp.remove();
    }
  });
});

describe('the end of a turn', () => {
  it('is matched by its prompt id: that of an earlier turn does not count, that of a later one does', () => {
    assert.equal(endIn([accepted('p')], 'p'), undefined);
    assert.equal(endIn([accepted('old'), accepted('p'), finished('old')], 'p'), undefined);
    assert.equal(endIn([accepted('old'), finished('old'), accepted('p')], 'p'), undefined);
    assert.equal(endIn([accepted('p'), finished('p', 'm')], 'p')?.kind, 'finished');
    assert.equal(endIn([accepted('p'), accepted('q'), finished('q')], 'p')?.kind, 'finished');
    assert.equal(endIn([accepted('p'), finished(undefined)], 'p')?.kind, 'finished');
    const failed: AgentEvent = { kind: 'failed', promptId: 'p', message: 'x' };
    assert.deepEqual(endIn([accepted('p'), failed], 'p'), { kind: 'failed', message: 'x' });
  });

  it('is seen in whichever order two receipts of the same moment are read', () => {
    assert.equal(endIn([finished('p'), accepted('p')], 'p')?.kind, 'finished');
  });
});

/** A pane that shows what a test says, with no tmux under it. */
class ScriptedPane {
  readonly events: AgentEvent[] = [];
  readonly changed = new Emitter<void>();
  readonly onDidChange = this.changed.event;
  readonly attention: Attention;
  ended: unknown;
  state: ScreenState = { kind: 'working' };
  digest = 0;
  readonly agent: Pick<Agent, 'receipts' | 'quietMs' | 'title' | 'endsAlike'>;

  constructor(clock: FakeClock, receipts: boolean, endsAlike?: boolean) {
    this.attention = new Attention(clock, undefined);
    this.agent = { receipts, quietMs: endsAlike ? 200 : receipts ? 15 : 5000, title: 'Agent', endsAlike };
  }
  readReceipts = async () => {};
  look = async () => ({ state: this.state, text: '', digest: String(this.digest) });
  standing = async ({ state }: { state: ScreenState }) => (state.kind === 'dialog' ? state.dialog : undefined);
  receive(event: AgentEvent) {
    this.events.push(event);
    this.changed.fire();
  }
}

describe('watching a turn', () => {
  let clock: FakeClock;
  let pane: ScriptedPane;
  let output: Awaited<ReturnType<TurnContext['output']>>;
  const begin = (receipts: boolean, timeoutS = 60, total = 0, scan = 2, endsAlike?: boolean) => {
    clock = new FakeClock();
    pane = new ScriptedPane(clock, receipts, endsAlike);
    pane.events.push(accepted('p'));
    output = { kind: 'none' };
    return watchTurn(pane as unknown as AgentPane, {
      clock,
      settings: { ...defaultSettings(), job_total_timeout_s: total, scan_interval_s: scan },
      signal: new AbortController().signal,
      timeoutS,
      promptId: 'p',
      startedAt: 0,
      output: async () => output,
      onActivity: () => {},
    });
  };
  const stillRuns = async (end: Promise<unknown>) =>
    assert.equal(await Promise.race([end, clock.advance(0).then(() => 'runs')]), 'runs');

  it('ends by the receipt, at once', async () => {
    const end = begin(true);
    await clock.advance(10_000);
    pane.receive(finished('p', 'done'));
    assert.deepEqual(await end, { kind: 'finished', message: 'done' });
  });

  it('asks the screen how a turn ended whose receipt is the same for all ends, when the CLI has stood idle since', async () => {
    const shown = { kind: 'interrupted', message: 'Cancelled.' } as const;
    for (const turn of [undefined, shown]) {
      const end = begin(true, 60, 0, 2, true);
      await clock.advance(10_000);
      pane.receive(finished('p', 'done'));
      await clock.advance(1000);
      await stillRuns(end);
      // It went on by itself for a moment.
      pane.state = { kind: 'ready' };
      pane.digest++;
      await clock.advance(100);
      pane.state = { kind: 'working' };
      pane.digest++;
      await clock.advance(1000);
      await stillRuns(end);
      pane.state = { kind: 'ready', turn };
      pane.digest++;
      await clock.advance(400);
      assert.deepEqual((await end).kind, turn ? 'interrupted' : 'finished');
    }
  });

  it('believes such a receipt after a while where the screen says nothing that is known', async () => {
    const end = begin(true, 60, 0, 2, true);
    pane.state = { kind: 'unknown' };
    pane.receive(finished('p', 'done'));
    await clock.advance(5000);
    await stillRuns(end);
    await clock.advance(6000);
    assert.deepEqual(await end, { kind: 'finished', message: 'done' });
  });

  it('ends as interrupted when the CLI is idle over several looks and no receipt came', async () => {
    const end = begin(true);
    await clock.advance(5000);
    pane.state = { kind: 'ready' };
    await clock.advance(2100);
    await stillRuns(end);
    await clock.advance(6000);
    assert.deepEqual(await end, { kind: 'interrupted', inferred: true });
  });

  it('takes an idle screen for no interruption before the turn can have been drawn, or its last receipt have come', async () => {
    for (const [worked, idle] of [
      [false, 9000],
      [true, 3000],
    ] as const) {
      const end = begin(true, 60, 0, 0.5);
      pane.state = { kind: worked ? 'working' : 'ready' };
      await clock.advance(600);
      pane.state = { kind: 'ready' };
      await clock.advance(idle);
      await stillRuns(end);
      pane.receive(finished('p', 'late'));
      assert.deepEqual(await end, { kind: 'finished', message: 'late' });
    }
  });

  it('times out by silence: a screen that moves, a receipt, or a dialog is none', async () => {
    const end = begin(true, 60);
    for (let i = 0; i < 10; i++) {
      pane.digest++;
      await clock.advance(30_000);
    }
    pane.receive({ kind: 'activity', promptId: 'p', what: 'Read' });
    await clock.advance(55_000);
    await stillRuns(end);
    const ask = { kind: 'permission' as const, text: 'May I?', choices: [] };
    pane.state = { kind: 'dialog', dialog: ask };
    await clock.advance(3_600_000);
    assert.equal(pane.attention.waiting?.kind, 'permission');
    await stillRuns(end);
    pane.state = { kind: 'working' };
    await clock.advance(3000);
    assert.equal(pane.attention.waiting, undefined);
    await clock.advance(55_000);
    await stillRuns(end);
    await clock.advance(10_000);
    assert.equal((await end).kind, 'timeout');
  });

  it('never times out with 0, and by the total limit when that is set', async () => {
    const end = begin(true, 0);
    await clock.advance(20_000_000);
    await stillRuns(end);
    pane.receive(finished('p'));
    await end;
    const limited = begin(true, 0, 100);
    for (let i = 0; i < 12; i++) {
      pane.digest++;
      await clock.advance(10_000);
    }
    assert.equal((await limited).kind, 'timeout');
  });

  it('ends with the program', async () => {
    const end = begin(true);
    await clock.advance(1000);
    pane.ended = { kind: 'gone' };
    pane.changed.fire();
    assert.equal((await end).kind, 'ended');
  });

  it('without receipts: ends when input row and output have stood still for the quiet time', async () => {
    const end = begin(false, 60);
    pane.state = { kind: 'ready' };
    await clock.advance(4000);
    output = { kind: 'there', size: 1n, stamp: 'a', ageMs: 0 };
    await clock.advance(4000);
    await stillRuns(end);
    output = { kind: 'there', size: 2n, stamp: 'b', ageMs: 0 };
    await clock.advance(4000);
    await stillRuns(end);
    await clock.advance(3000);
    assert.equal((await end).kind, 'finished');
  });

  it('without receipts: does not end while the screen moves, is busy, or shows no input row', async () => {
    const end = begin(false, 0);
    for (const state of [{ kind: 'working' }, { kind: 'unknown' }] as const) {
      pane.state = state;
      await clock.advance(20_000);
      await stillRuns(end);
    }
    pane.state = { kind: 'ready' };
    for (let i = 0; i < 10; i++) {
      pane.digest++;
      await clock.advance(2000);
    }
    await stillRuns(end);
    await clock.advance(7000);
    assert.equal((await end).kind, 'finished');
  });
});
