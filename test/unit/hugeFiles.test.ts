import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import { readHookReceipt } from '../../src/core/agents/hookReceipt';
import { ReceiptFolder } from '../../src/core/agents/receipts';
import { loadSessions } from '../../src/core/runner/loadSessions';
import { appendHistory, findInHistory, readHistory } from '../../src/core/store/history';
import { readSnapshot } from '../../src/core/store/snapshot';
import { systemClock } from '../../src/core/support/clock';
import { makeJob, someTime } from '../support/coreFixtures';
import { nested } from '../support/properties/badText';
import { SeededFolder, type StateKind, stateFiles } from '../support/properties/seededFolder';

const mb = 1024 * 1024;
/** All of it takes minutes: to parse 30 MB of brackets is seconds by itself. */
const isFull = process.env.FAULT_FORM === 'full';
const most = isFull ? 5 * mb : mb / 2;
const kinds = (isFull ? Object.keys(stateFiles) : ['queue']) as StateKind[];

/** Texts of tens of megabytes that each could be a state file. */
const huge: Record<string, () => string> = {
  zeros: () => '\0'.repeat(40 * mb),
  'one string': () => `{"version":"1.0","name":"${'x'.repeat(30 * mb)}"}`,
  levels: () => nested(2 * most),
  'objects in objects': () => nested(most / 2, '{"a":', '}'),
  'many entries': () => `{"version":"1.0","jobs":[${'{},'.repeat(most)}{}]}`,
  'many keys': () => `{${Array.from({ length: most / 5 }, (_, i) => `"k${i}":1`).join(',')}}`,
};

/** How long it takes to parse a text, in milliseconds. */
function parsing(text: string): number {
  const begun = performance.now();
  try {
    JSON.parse(text);
  } catch {
    // as it is to be
  }
  return performance.now() - begun;
}

describe('files of tens of megabytes', function () {
  this.timeout(120_000);
  let folder: SeededFolder;
  beforeEach(async () => {
    folder = await SeededFolder.make();
  });
  afterEach(() => folder.remove());

  for (const [what, make] of Object.entries(huge))
    it(`in the place of state files (${what}): each is named and set aside, in bounded time`, async () => {
      const { context, main } = folder;
      const text = make();
      for (const kind of kinds) {
        await folder.seed();
        await fs.writeFile(main[kind], text);
        const own = parsing(text);
        const begun = performance.now();
        const { problems, sessions } = await readSnapshot(context.layout, context.user, systemClock, {
          historyLimit: 9,
        });
        await loadSessions(context);
        for (const session of context.sessions.values()) await session.flush();
        const took = performance.now() - begun;
        assert.ok(took < 2000 + 6 * own, `${kind}: ${took} ms, of which ${own} ms are to parse it once`);
        assert.ok(
          problems.some((problem) => problem.includes(main[kind]) && problem.length < 1000),
          kind,
        );
        assert.ok(sessions.some((session) => session.metadata.session_id === 'other'));
        assert.deepEqual([...context.sessions.keys()].sort(), ['main', 'other']);
        const [aside] = context.logged.flatMap((line) => /set aside as (\S+);/.exec(line)?.[1] ?? []);
        assert.equal((await fs.stat(aside!)).size, Buffer.byteLength(text));
      }
    });

  it('in the history, as one line: those before and after it are found soon, and it costs no memory to speak of', async () => {
    await folder.seed();
    const { main } = folder;
    const month = main.historyFile(someTime);
    await fs.appendFile(month, Buffer.alloc(200 * mb, 'x'));
    await appendHistory(main, makeJob('j-after', { status: 'completed', finished_at: someTime }), 3);
    const before = process.memoryUsage().rss;
    const begun = performance.now();
    assert.deepEqual(
      (await readHistory(main, 9)).map((job) => job.job_id),
      ['j-after', 'j-done-main'],
    );
    assert.equal((await findInHistory(main, 'j-done-main'))?.job_id, 'j-done-main');
    assert.ok(performance.now() - begun < 10_000);
    assert.ok(process.memoryUsage().rss - before < 150 * mb);
  });

  it('as receipts: one above 16 MB is named and passed over, one below is understood', async () => {
    const { folder: state } = folder.context;
    const dir = state.launch('l-1').receipts;
    await fs.mkdir(dir, { recursive: true });
    const stop = (message: string) =>
      JSON.stringify({ hook_event_name: 'Stop', session_id: 's', last_assistant_message: message });
    await fs.writeFile(`${dir}/a.json`, stop('x'.repeat(17 * mb)));
    await fs.writeFile(`${dir}/b.json`, stop('x'.repeat(15 * mb)));
    await fs.writeFile(
      `${dir}/c.json`,
      `{"hook_event_name":"PermissionRequest","session_id":"s","tool_name":"T","tool_input":{"a":${nested(mb)}}}`,
    );
    const said: string[] = [];
    const found = await new ReceiptFolder(dir, (message) => said.push(message)).readNew();
    assert.deepEqual(
      found.map(({ id }) => id),
      ['b', 'c'],
    );
    assert.ok(said.length === 1 && said[0]!.includes(`${dir}/a.json`));
    assert.deepEqual(
      found.map(({ payload }) => readHookReceipt(payload)?.kind),
      ['finished', 'permission'],
    );
    const failed = readHookReceipt({
      hook_event_name: 'StopFailure',
      session_id: 's',
      error: { deep: JSON.parse(nested(mb)) },
    });
    assert.ok(failed?.kind === 'failed' && failed.message.length <= 4000);
  });
});
