import assert from 'node:assert/strict';
import type { Job } from '../../src/core/model/job';
import type { CourierFolder } from '../../src/ui/courierFolder';
import { jobPage } from '../../src/ui/job/jobPage';
import type { Node } from '../../src/ui/nodes';
import { type Row, rowOf } from '../../src/ui/rows';
import { activityWords, runningFor } from '../../src/ui/words';
import { someTime } from '../support/coreFixtures';
import { someDialog, someNow, treeFolder, treeJob, treeSession } from '../support/treeFixtures';

const sessionRow = (session: Parameters<typeof treeFolder>[1][number], folder = treeFolder('a', [session])): Row =>
  rowOf({ kind: 'session', folder, session, open: true }, someNow);
const jobRow = (job: Job, isNew = false, folder: CourierFolder = treeFolder('a', [])): Row =>
  rowOf({ kind: 'job', folder, session: treeSession('ready'), job, isNew }, someNow);

describe("a session's row", () => {
  const prompt_path = '.courier/sessions/active/main/prompts/task_j1.md';
  const working = (activity?: string) =>
    treeJob('j1', 'running', { phase: activity ? 'working' : 'accepted', accepted_at: someTime, activity });

  it('says what it does now: for how long, with which tool, and how many wait behind', () => {
    const jobs = [working('Edit /home/dev/a/src/a.ts'), treeJob('j2', 'pending'), treeJob('j3', 'pending')];
    const row = sessionRow(treeSession('busy', jobs));
    assert.equal(row.label, 'main');
    assert.equal(row.description, 'working 2:10 · Edit src/a.ts · 2 queued · demo');
    assert.equal(row.spoken, 'main, session, working 2:10 · Edit src/a.ts · 2 queued · demo');
    assert.equal(sessionRow(treeSession('busy', [working()])).description, 'working 2:10 · demo');
  });

  it('says its state when it does nothing, and that its conversation is new', () => {
    assert.equal(sessionRow(treeSession('ready')).description, 'ready · demo');
    const notice = { notice: 'The conversation was gone.' };
    assert.equal(
      sessionRow(treeSession('waiting', [], [], notice)).description,
      'needs an answer · new conversation · demo',
    );
  });

  it("has its agent's icon in the colour of its state", () => {
    const icons = (['ready', 'busy', 'waiting', 'lost', 'stopped'] as const).map(
      (state) => sessionRow(treeSession(state)).icon,
    );
    assert.deepEqual([...new Set(icons.map((icon) => icon?.name))], ['beaker']);
    assert.equal(new Set(icons.map((icon) => icon?.color)).size, 5);
    const agents = ['claude', 'demo', 'aider', 'constructor'].map(
      (agent) => sessionRow(treeSession('ready', [], [], { agent })).icon?.name,
    );
    assert.deepEqual(agents, ['sparkle', 'beaker', 'terminal', 'terminal']);
    const session = treeSession('ready', [], [], { agent: 'opus' });
    const folder = treeFolder('a', [session]);
    folder.settings.agents.opus = { type: 'claude', args: [], env: {} } as never;
    assert.equal(sessionRow(session, folder).icon?.name, 'sparkle');
  });

  it('of a folder from elsewhere says only that it is not adopted', () => {
    const session = treeSession('busy', [working('Edit x')]);
    const row = sessionRow(session, treeFolder('a', [session], 'foreign'));
    assert.equal(row.description, 'not adopted · demo');
    assert.equal(row.context, 'foreignSession.busy');
  });

  it('names what the agent reads and writes for the job', () => {
    const words = (activity: string) => activityWords({ ...working(activity), prompt_path }, '/home/dev/a');
    assert.equal(words(`Read /home/dev/a/${prompt_path}`), 'reads the prompt');
    assert.equal(
      words('Write /home/dev/a/.courier/sessions/active/main/output/task_output_j1.md'),
      'writes the answer',
    );
    assert.equal(words('Bash npm test \n  -- --grep "x"'), 'Bash npm test -- --grep "x"');
    assert.equal(words('Read /home/dev/ab/c.ts'), 'Read /home/dev/ab/c.ts');
    assert.ok(words(`Bash ${'echo '.repeat(200)}`).length <= 81);
    assert.equal(activityWords({ ...working('Read x'), phase: 'waiting' }, '/home/dev/a'), '');
  });

  it('counts time in steps of ten seconds', () => {
    const after = (seconds: number) => runningFor(someTime, Date.parse(someTime) + seconds * 1000);
    assert.deepEqual([9, 10, 19, 61, 600, 3599, 3600, 36_605].map(after), [
      '',
      '0:10',
      '0:10',
      '1:00',
      '10:00',
      '59:50',
      '1:00:00',
      '10:10:00',
    ]);
    assert.equal(after(-5), '', 'a clock that was set back');
    assert.equal(runningFor(undefined, someNow), '');
  });
});

describe("a job's row", () => {
  const title = 'Explain why the total is off by one';
  const source = { path: 'src/a b.ts', start_line: 10, end_line: 42 };

  it('begins with the first words of the prompt, and says where they came from', () => {
    const row = jobRow(treeJob('j1', 'completed', { title, source }));
    assert.equal(row.label, 'Explain why the total is off by…');
    assert.ok(row.spoken.startsWith(`${title}, job`), 'a screen reader says all of it');
    assert.match(row.description ?? '', /^12 s · a b\.ts:10-42 · \S/);
    assert.equal(jobRow(treeJob('j1', 'completed', { source })).label, 'a b.ts:10-42');
    assert.doesNotMatch(jobRow(treeJob('j1', 'completed', { source })).description ?? '', /a b/);
    assert.equal(jobRow(treeJob('j1', 'completed')).label, 'task j1');
  });

  it('of a line of code names what it is about', () => {
    const code = treeJob('j1', 'completed', { title: 'export function stockValue(items: Item[]): number {' });
    assert.equal(jobRow(code).label, 'export function stockValue(items…');
    const emoji = treeJob('j1', 'completed', { title: `${'x'.repeat(31)}😀 and more` });
    assert.equal(jobRow(emoji).label, `${'x'.repeat(31)}…`);
  });

  it('says its state and how long it took; of one that is completed the icon says it', () => {
    assert.match(jobRow(treeJob('j1', 'failed', { title })).description ?? '', /^failed · 12 s · \S/);
    assert.match(jobRow(treeJob('j1', 'pending', { title })).description ?? '', /^pending · \S/);
    assert.match(jobRow(treeJob('j1', 'completed', { title }), true).description ?? '', /^new · 12 s · \S/);
    assert.match(jobRow(treeJob('j1', 'completed', { title }), true).spoken, /^Explain .*, job, new answer, 12 s/);
    assert.match(jobRow(treeJob('j1', 'completed', { title })).spoken, /^Explain .*, job, completed, 12 s/);
    assert.match(jobRow(treeJob('j1', 'failed', { title }), true).description ?? '', /^failed · 12 s/);
  });

  it('says of an end that no receipt proves that it is inferred', () => {
    const end = { title, source, inferred: true };
    const row = jobRow(treeJob('j1', 'completed', end));
    assert.match(row.description ?? '', /^12 s · inferred · a b\.ts:10-42 · \S/);
    assert.match(row.spoken, /^Explain .*, job, completed, 12 s, inferred, a b/);
    assert.match(jobRow(treeJob('j1', 'failed', end)).description ?? '', /^failed · 12 s · inferred · /);
    assert.doesNotMatch(jobRow(treeJob('j1', 'failed', { title })).spoken, /inferred/);
  });

  it('stands in its tab with what inferred means', () => {
    const none = { text: '', cut: false };
    const facts = (job: Job) =>
      jobPage({ job, folder: 'f', session: 'main', prompt: none, answer: none }).facts.map(({ name }) => name);
    assert.ok(facts(treeJob('j1', 'completed', { inferred: true })).includes('Inferred'));
    assert.ok(!facts(treeJob('j1', 'completed')).includes('Inferred'));
  });

  it('says of one that is at work for how long and with which tool', () => {
    const more = { title, phase: 'working' as const, accepted_at: someTime, activity: 'Bash npm test' };
    assert.equal(jobRow(treeJob('j1', 'running', more)).description, 'working 2:10 · Bash npm test');
    const waiting = { ...more, mode: 'fresh' as const, phase: 'waiting' as const, waiting: someDialog };
    const row = jobRow(treeJob('j1', 'running', waiting));
    assert.equal(row.description, 'needs an answer');
    assert.equal(row.below, 'open');
    assert.equal(jobRow(treeJob('j1', 'running', waiting), false, treeFolder('a', [], 'foreign')).below, undefined);
  });

  it('opens, and is known to menus by its status', () => {
    for (const status of ['pending', 'paused', 'running', 'completed', 'failed', 'timeout', 'cancelled'] as const) {
      const row = jobRow(treeJob('j1', status));
      assert.deepEqual([row.opens, row.context], [true, `job.${status}`]);
    }
  });
});

describe('every row of the tree', () => {
  it('has words for a screen reader that begin with what is seen', () => {
    const folder = treeFolder('a', []);
    const session = treeSession('ready');
    const tmux = { name: 'tmux-x', managed: false, attached: 0, created_at: someTime };
    const check = { id: 'tmux', status: 'problem', title: 'tmux was not found', detail: 'd', fixes: [] };
    const nodes = [
      { kind: 'folder', folder },
      { kind: 'foreign', folder, why: 'it came with a clone' },
      { kind: 'session', folder, session },
      { kind: 'dialog', folder, target: 'main', waiting: someDialog },
      { kind: 'choice', folder, target: 'main', waiting: someDialog, choice: someDialog.choices[0] },
      { kind: 'job', folder, session, job: treeJob('j1', 'completed') },
      { kind: 'empty', folder, session },
      { kind: 'more', folder, session },
      { kind: 'unmanaged', folder, tmux },
      { kind: 'setup', folder: undefined, finding: { check } },
      { kind: 'start', folder: undefined, start: 'newSession' },
    ] as Node[];
    for (const node of nodes) {
      const { label, spoken } = rowOf(node, someNow);
      assert.ok(spoken.includes(label), `${node.kind}: ${spoken}`);
    }
  });
});
