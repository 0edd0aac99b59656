import assert from 'node:assert/strict';
import type { Job } from '../../src/core/model/job';
import type { CourierFolder } from '../../src/ui/courierFolder';
import type { MoreNode, Node } from '../../src/ui/nodes';
import { nodeId } from '../../src/ui/nodes';
import { chosenNodes, selectionArgument } from '../../src/ui/selection';
import { treeBadge } from '../../src/ui/treeBadge';
import { TreeModel } from '../../src/ui/treeModel';
import { someTime } from '../support/coreFixtures';
import { retell, someDialog, treeFolder, treeJob, treeSession, treeSource } from '../support/treeFixtures';

const kinds = (nodes: readonly Node[]) => nodes.map(({ kind }) => kind);
const names = (nodes: readonly Node[] | 'all') =>
  nodes === 'all'
    ? nodes
    : nodes.map((node) =>
        node.kind === 'job' ? node.job.job_id : node.kind === 'session' ? node.session.metadata.session_id : node.kind,
      );

/** Draws the tree as VS Code does: each row, and what stands below it when it is open. */
function draw(model: TreeModel, node?: Node): Node[] {
  return model.children(node).flatMap((one) => {
    const { below } = model.row(one);
    return [one, ...(below === 'open' ? draw(model, one) : [])];
  });
}

const sessionOf = (id: string, jobs: Job[] = [], finished: Job[] = []) =>
  treeSession(jobs.some((job) => job.status === 'running') ? 'busy' : 'ready', jobs, finished, { session_id: id });

describe('what of the tree is drawn again', () => {
  it('is nothing before anything was drawn, and when nothing has changed', () => {
    const folder = treeFolder('a', [sessionOf('one', [treeJob('j1', 'pending')])]);
    const model = new TreeModel(treeSource(folder));
    assert.deepEqual(model.changes(), []);
    draw(model);
    assert.deepEqual(model.changes(), []);
    retell(folder, [sessionOf('one', [treeJob('j1', 'pending')])]);
    assert.deepEqual(model.changes(), [], 'other objects that look the same');
  });

  it('is the one session whose row differs, among a thousand', () => {
    const sessions = Array.from({ length: 1000 }, (_, i) => sessionOf(`s-${i}`));
    const folder = treeFolder('a', sessions);
    const model = new TreeModel(treeSource(folder));
    const drawn = draw(model);
    assert.equal(drawn.length, 1000, 'so many are closed at first');
    const next = [...sessions];
    next[500] = sessionOf('s-500', [treeJob('j1', 'pending')]);
    retell(folder, next);
    const changes = model.changes();
    assert.deepEqual(names(changes), ['s-500']);
    assert.equal(changes[0], drawn[500], 'the object that VS Code knows');
    const [node] = changes as Node[];
    assert.match(model.row(node!).description ?? '', /1 queued/);
    assert.deepEqual(model.changes(), []);
  });

  it('is a session that is closed when what is new below it comes or goes, and its row says so', () => {
    const ended = [treeJob('j1', 'completed'), treeJob('j2', 'completed'), treeJob('j3', 'failed')];
    const sessions = Array.from({ length: 21 }, (_, i) => sessionOf(`s-${i}`, [], i === 7 ? ended : []));
    const folder = treeFolder('a', sessions);
    const source = treeSource(folder);
    const model = new TreeModel(source);
    const node = draw(model)[7]!;
    assert.equal(model.row(node).description, 'ready · demo');
    for (const { job_id } of ended) source.new.add(job_id);
    const ofIt = ({ metadata }: { metadata: { session_id: string } }) => metadata.session_id === 's-7';
    assert.deepEqual(names(model.changes(ofIt)), ['s-7']);
    assert.equal(model.row(node).description, 'ready · 1 failed · 2 new · demo');
    assert.equal(model.row(node).spoken, 's-7, session, ready · 1 failed · 2 new · demo');
    source.new.delete('j3');
    source.new.delete('j1');
    assert.deepEqual(names(model.changes(ofIt)), ['s-7']);
    assert.equal(model.row(node).description, 'ready · 1 new · demo');
    assert.deepEqual(model.changes(ofIt), []);
  });

  it('is no session that is open when what is new below it goes: its jobs say so themselves', () => {
    const folder = treeFolder('a', [sessionOf('one', [], [treeJob('j1', 'completed')])]);
    const source = treeSource(folder);
    source.new.add('j1');
    const model = new TreeModel(source);
    const [session] = draw(model);
    assert.equal(model.row(session!).description, 'ready · demo');
    source.new.clear();
    assert.deepEqual(names(model.changes(() => true)), ['j1']);
  });

  it('is the job alone when only its row differs, and its session when jobs come or go', () => {
    const folder = treeFolder('a', [sessionOf('one', [treeJob('j1', 'pending')], [treeJob('j0', 'completed')])]);
    const model = new TreeModel(treeSource(folder));
    draw(model);
    retell(folder, [sessionOf('one', [treeJob('j1', 'paused')], [treeJob('j0', 'completed')])]);
    // The session's own row counts what is pending, so that it is drawn with its jobs.
    assert.deepEqual(names(model.changes()), ['one']);
    draw(model);
    retell(folder, [
      sessionOf('one', [treeJob('j1', 'paused')], [treeJob('j0', 'completed', { title: 'Other words' })]),
    ]);
    assert.deepEqual(names(model.changes()), ['j0']);
    draw(model);
    retell(folder, [
      sessionOf(
        'one',
        [treeJob('j1', 'paused'), treeJob('j2', 'paused')],
        [treeJob('j0', 'completed', { title: 'Other words' })],
      ),
    ]);
    assert.deepEqual(names(model.changes()), ['one']);
  });

  it('is all when sessions come or go, and a folder alone when there are several', () => {
    const a = treeFolder('a', [sessionOf('one')]);
    const alone = new TreeModel(treeSource(a));
    draw(alone);
    const b = treeFolder('b', [sessionOf('three')]);
    const both = new TreeModel(treeSource(a, b));
    draw(both);
    retell(a, [sessionOf('one'), sessionOf('two')]);
    assert.equal(alone.changes(), 'all');
    assert.deepEqual(names(both.changes()), ['folder']);
  });

  it('is what is at work, when time has passed by a step', () => {
    const running = treeJob('j1', 'running', { phase: 'working', accepted_at: someTime, activity: 'Bash npm test' });
    const folder = treeFolder('a', [sessionOf('one', [running]), sessionOf('two')]);
    const source = treeSource(folder);
    const model = new TreeModel(source);
    draw(model);
    const atWork = ({ jobs }: { jobs: Job[] }) => jobs.some((job) => job.status === 'running');
    source.time += 5000;
    assert.deepEqual(model.changes(atWork), []);
    source.time += 5000;
    assert.deepEqual(names(model.changes(atWork)), ['one']);
  });

  it('is the job that is new no more', () => {
    const folder = treeFolder('a', [sessionOf('one', [], [treeJob('j1', 'completed'), treeJob('j0', 'completed')])]);
    const source = treeSource(folder);
    source.new.add('j1').add('j0');
    const model = new TreeModel(source);
    draw(model);
    source.new.delete('j0');
    assert.deepEqual(model.changes(), []);
    assert.deepEqual(names(model.changes(({ metadata }) => metadata.session_id === 'one')), ['j0']);
  });

  it('never depends on where the state stands: nodes keep their ids, and stay open or closed', () => {
    const few = treeFolder('a', [sessionOf('one', [treeJob('j1', 'running')])]);
    const model = new TreeModel(treeSource(few));
    const before = draw(model);
    const ids = before.map(nodeId);
    retell(few, [sessionOf('one', [], [treeJob('j1', 'completed')])]);
    model.changes();
    const after = draw(model);
    assert.deepEqual(after.map(nodeId), ids);
    assert.ok(after.every((node, i) => node === before[i]));
    const many = Array.from({ length: 40 }, (_, i) => sessionOf(`s-${i}`));
    retell(few, [few.sessions[0]!, ...many]);
    const rows = model.children().map((node) => model.row(node).below);
    assert.deepEqual([rows[0], rows[1]], ['open', 'closed'], 'one that was open stays so');
  });
});

describe('the rows that were last seen', () => {
  const all = ['one', 'two', 'three'].map((id) => sessionOf(id));
  /** A folder of which only that is known, drawn. */
  function lastSeen() {
    const folder = treeFolder('a', all);
    const model = new TreeModel(treeSource(folder));
    const lastSeen = draw(model).flatMap((node) =>
      node.kind === 'session' ? { id: node.session.metadata.session_id, row: model.row(node) } : [],
    );
    const again = treeFolder('a', []);
    Object.assign(again, { snapshot: undefined, lastSeen });
    const drawn = new TreeModel(treeSource(again));
    return { folder: again, model: drawn, nodes: drawn.children(), rows: lastSeen.map(({ row }) => row) };
  }
  const look = (folder: CourierFolder, sessions: typeof all) => {
    Object.assign(folder, { snapshot: { standing: { kind: 'own' } }, lastSeen: [] });
    retell(folder, sessions);
  };

  it('stand where the sessions stood, under the same ids, and hold nothing that a command takes', () => {
    const { model, nodes, rows } = lastSeen();
    assert.deepEqual(kinds(nodes), ['lastSeen', 'lastSeen', 'lastSeen']);
    assert.deepEqual(
      nodes.map((node) => model.row(node)),
      rows,
    );
    const session = { kind: 'session', folder: nodes[0]!.folder, session: all[0] } as Node;
    assert.equal(nodeId(nodes[0]!), nodeId(session));
    assert.deepEqual(model.children(nodes[0]), []);
    assert.deepEqual(chosenNodes('session', nodes, selectionArgument), []);
    assert.equal(chosenNodes('session', [], nodes[0]), undefined);
  });

  it('become the sessions when these were looked at, and only what differs is drawn again', () => {
    const { folder, model, nodes } = lastSeen();
    for (const node of nodes) model.row(node);
    look(folder, [all[0]!, sessionOf('two', [treeJob('j1', 'pending')]), all[2]!]);
    const changes = model.changes();
    assert.deepEqual(names(changes), ['two']);
    assert.deepEqual(kinds(nodes), ['session', 'session', 'session'], 'the objects that VS Code knows');
    assert.equal((changes as Node[])[0], nodes[1]);
    assert.deepEqual(Object.keys(nodes[0]!).sort(), ['folder', 'kind', 'open', 'session']);
    assert.deepEqual(names(model.children(nodes[1])), ['j1']);
  });

  it('go with the sessions that are gone', () => {
    const { folder, model, nodes } = lastSeen();
    for (const node of nodes) model.row(node);
    look(folder, [all[0]!, all[2]!, sessionOf('four')]);
    assert.equal(model.changes(), 'all');
    assert.deepEqual(names(model.children()), ['one', 'three', 'four']);
    assert.equal(nodes[1]!.kind, 'lastSeen', 'what is gone never becomes a session');
    look(folder, []);
    assert.equal(model.changes(), 'all');
    assert.deepEqual(model.children(), []);
  });

  it('are not what a filter looks for, and count for no badge', () => {
    const { folder, model } = lastSeen();
    model.filter = { kind: 'running' };
    assert.deepEqual(model.children(), []);
    assert.equal(
      treeBadge([folder], () => true),
      undefined,
    );
  });
});

describe('what stands below a session', () => {
  const finished = (count: number) =>
    Array.from({ length: count }, (_, i) => treeJob(`f${String(i).padStart(3, '0')}`, i % 2 ? 'failed' : 'completed'));

  it('is twenty finished jobs, and Show More when there are more', async () => {
    const all = finished(50);
    const folder = treeFolder('a', [sessionOf('one', [treeJob('j1', 'pending')], all.slice(0, 21))]);
    const model = new TreeModel(treeSource(folder));
    const [session] = model.children();
    const shown = () => model.children(session);
    assert.deepEqual(names(shown()), ['j1', ...all.slice(0, 20).map((job) => job.job_id), 'more']);
    const more = () => shown().at(-1) as MoreNode;
    const read = async (limit: number) => all.slice(0, limit);
    await model.showMore(more(), read);
    assert.deepEqual(names(model.changes(() => true)), ['one']);
    assert.deepEqual(names(shown()), ['j1', ...all.slice(0, 40).map((job) => job.job_id), 'more']);
    await model.showMore(more(), read);
    assert.deepEqual(names(shown()), ['j1', ...all.map((job) => job.job_id)]);
    // A new one moves the others down and none out.
    retell(folder, [sessionOf('one', [], [treeJob('j1', 'completed'), ...all.slice(0, 20)])]);
    assert.deepEqual(names(shown()), ['j1', ...all.map((job) => job.job_id)]);
    assert.equal(new Set(shown().map(nodeId)).size, 51);
  });

  it('has no Show More for exactly twenty', () => {
    const folder = treeFolder('a', [sessionOf('one', [], finished(20))]);
    const model = new TreeModel(treeSource(folder));
    assert.equal(model.children(model.children()[0]).length, 20);
  });
});

describe('the filter of the tree', () => {
  const yesterday = new Date(Date.parse(someTime) - 36 * 3600 * 1000).toISOString();
  const old = (id: string) =>
    treeJob(id, 'completed', { created_at: yesterday, finished_at: yesterday, title: 'Mend the inventory' });
  const make = (...folders: CourierFolder[]) => {
    const model = new TreeModel(treeSource(...folders));
    const shown = (filter: TreeModel['filter']) => {
      model.filter = filter;
      return names(draw(model));
    };
    return { model, shown };
  };
  const sessions = () => [
    sessionOf('one', [treeJob('r1', 'running'), treeJob('p1', 'pending')], [treeJob('f1', 'failed'), old('o1')]),
    sessionOf('two', [], [treeJob('t1', 'timeout'), old('o2')]),
    treeSession('waiting', [treeJob('w1', 'running', { phase: 'waiting' })], [], { session_id: 'three' }),
    sessionOf('four', [], [old('o3')]),
  ];

  it('leaves what fits, with its session', () => {
    const { shown } = make(treeFolder('a', sessions()));
    assert.deepEqual(shown({ kind: 'failed' }), ['one', 'f1', 'two', 't1']);
    assert.deepEqual(shown({ kind: 'running' }), ['one', 'p1', 'r1', 'three', 'dialog', 'choice', 'choice', 'w1']);
    assert.deepEqual(shown({ kind: 'waiting' }), ['three', 'dialog', 'choice', 'choice', 'w1']);
    assert.deepEqual(shown({ kind: 'today' }), [
      'one',
      'p1',
      'r1',
      'f1',
      'two',
      't1',
      'three',
      'dialog',
      'choice',
      'choice',
      'w1',
    ]);
    assert.deepEqual(shown({ kind: 'text', text: 'INVENTORY' }), ['one', 'o1', 'two', 'o2', 'four', 'o3']);
    assert.deepEqual(shown({ kind: 'text', text: 'two' }), ['two', 't1', 'o2'], 'all of a session of this name');
    assert.deepEqual(shown({ kind: 'text', text: 'nowhere' }), []);
    assert.equal(shown(undefined).length, 15);
  });

  it('opens what was closed, as nodes of their own', () => {
    const many = Array.from({ length: 40 }, (_, i) =>
      sessionOf(`s-${i}`, [], i === 30 ? [treeJob('f1', 'failed')] : []),
    );
    const { model, shown } = make(treeFolder('a', many));
    assert.equal(shown(undefined).length, 40);
    const closed = model.children()[30]!;
    assert.deepEqual(shown({ kind: 'failed' }), ['s-30', 'f1']);
    assert.notEqual(nodeId(model.children()[0]!), nodeId(closed));
    assert.equal(shown(undefined).length, 40);
  });

  it('keeps folders apart', () => {
    const { shown } = make(treeFolder('a', sessions()), treeFolder('b', [sessionOf('five', [], [old('o4')])]));
    assert.deepEqual(shown({ kind: 'failed' }), ['folder', 'one', 'f1', 'two', 't1', 'folder']);
  });
});

describe("the view's badge", () => {
  const badge = (isNew: (job: Job) => boolean, ...folders: CourierFolder[]) => treeBadge(folders, isNew);

  it('counts what waits, each question once, and what failed and was not looked at', () => {
    const fresh = treeJob('j1', 'running', {
      mode: 'fresh',
      phase: 'waiting',
      waiting: { ...someDialog, dialog_id: 'd2' },
    });
    const inSession = treeJob('j2', 'running', { phase: 'waiting', waiting: someDialog });
    const ended = [
      treeJob('f1', 'failed'),
      treeJob('f2', 'timeout'),
      treeJob('c1', 'completed'),
      treeJob('x1', 'cancelled'),
    ];
    const folder = treeFolder('a', [treeSession('waiting', [inSession, fresh], ended)]);
    assert.deepEqual(
      badge(({ job_id }) => job_id !== 'f2' && job_id !== 'x1', folder),
      { value: 3, tooltip: '2 waiting for an answer, 1 failed' },
    );
    assert.deepEqual(
      badge(() => false, folder),
      { value: 2, tooltip: '2 waiting for an answer' },
    );
    assert.equal(
      badge(() => true, treeFolder('b', [treeSession('ready')])),
      undefined,
    );
  });
});

describe('the top of the tree', () => {
  it('is what the folders hold: nothing, the sessions, or the folders by name', () => {
    const one = treeFolder('a', [sessionOf('one')]);
    assert.deepEqual(new TreeModel(treeSource(treeFolder('a', []))).children(), []);
    assert.deepEqual(kinds(new TreeModel(treeSource(one)).children()), ['session']);
    assert.deepEqual(kinds(new TreeModel(treeSource(one, treeFolder('b', []))).children()), ['folder', 'folder']);
  });
});
