import assert from 'node:assert/strict';
import type { Job } from '../../src/core/model/job';
import { groupOf, groupsOf } from '../../src/ui/jobGroups';
import { type GroupNode, type JobNode, nodeId } from '../../src/ui/nodes';
import { chosenNodes } from '../../src/ui/selection';
import { TreeModel } from '../../src/ui/treeModel';
import { someTime } from '../support/coreFixtures';
import { retell, someDialog, someNow, treeFolder, treeJob, treeSession, treeSource } from '../support/treeFixtures';

const ofGroup = (group_id: string, session_id: string, status: Job['status'], more: Partial<Job> = {}) =>
  treeJob(`${group_id}-${session_id}`, status, { group_id, session_id, title: 'Name the fault', ...more });
const sessionWith = (session_id: string, ...jobs: Job[]) =>
  treeSession(
    'ready',
    jobs.filter((job) => !job.finished_at),
    jobs.filter((job) => job.finished_at),
    { session_id },
  );
const race = (...statuses: Job['status'][]) =>
  statuses.map((status, i) => sessionWith(`s${i}`, ofGroup('g1', `s${i}`, status)));

describe('a prompt that went to several sessions', () => {
  const drawn = (...sessions: ReturnType<typeof sessionWith>[]) => {
    const folder = treeFolder('a', sessions);
    const model = new TreeModel(treeSource(folder));
    const [node] = model.children();
    assert.equal(node?.kind, 'group');
    return { folder, model, node: node as GroupNode, row: model.row(node!) };
  };

  it('is one row above the sessions, which says how many are done', () => {
    const { row, model } = drawn(...race('completed', 'running', 'failed'));
    assert.deepEqual([row.label, row.description], ['Name the fault', '2 of 3 done · 1 failed']);
    assert.equal(row.spoken, 'Name the fault, sent to several sessions, 2 of 3 done · 1 failed');
    assert.deepEqual([row.context, row.below], ['group.live', 'open']);
    assert.deepEqual(
      model.children().map(({ kind }) => kind),
      ['group', 'session', 'session', 'session'],
    );
  });

  it('says what can be done with it, and when it needs an answer', () => {
    assert.equal(drawn(...race('completed', 'completed', 'running')).row.context, 'group.live.answers');
    const ended = drawn(...race('completed', 'completed')).row;
    assert.deepEqual([ended.context, ended.description], ['group.ended.answers', '2 of 2 done']);
    assert.equal(drawn(...race('failed', 'cancelled')).row.context, 'group.ended');
    const asks = ofGroup('g1', 's1', 'running', { phase: 'waiting', waiting: someDialog });
    const { row } = drawn(sessionWith('s0', ofGroup('g1', 's0', 'completed')), sessionWith('s1', asks));
    assert.equal(row.description, '1 of 2 done · needs an answer');
    const colors = [race('running', 'pending'), race('completed', 'failed'), race('failed', 'failed')].map(
      (sessions) => drawn(...sessions).row.icon?.color,
    );
    assert.equal(new Set(colors).size, 3);
  });

  it('has its jobs below it by the names of their sessions, with ids of their own', () => {
    const { model, node } = drawn(...race('completed', 'running'));
    const inGroup = model.children(node);
    assert.deepEqual(
      inGroup.map((one) => model.row(one).label),
      ['s0', 's1'],
    );
    const inSessions = model
      .children()
      .slice(1)
      .flatMap((one) => model.children(one));
    assert.equal(new Set([...inGroup, ...inSessions].map(nodeId)).size, 4);
    assert.match(model.row(inGroup[0]!).spoken, /^s0, Name the fault, job, completed/);
  });

  it('keeps its object and what is open, and is drawn again when a job ends', () => {
    const { folder, model, node } = drawn(...race('completed', 'running'));
    for (const one of [node, ...model.children().slice(1)]) for (const job of model.children(one)) model.row(job);
    retell(folder, race('completed', 'running'));
    assert.deepEqual(model.changes(), []);
    retell(folder, race('completed', 'completed'));
    const changes = model.changes();
    assert.ok(changes !== 'all' && changes.includes(node));
    assert.deepEqual([model.row(node).description, model.row(node).below], ['2 of 2 done', 'open']);
  });

  it('says whose answer was picked last, on its own row and on that answer’s', () => {
    const at = (second: number) => `2026-11-22T10:00:0${second}.000Z`;
    const { row, model, node } = drawn(
      sessionWith('s0', ofGroup('g1', 's0', 'completed', { picked_at: at(1) })),
      sessionWith('s1', ofGroup('g1', 's1', 'completed', { picked_at: at(2) })),
      sessionWith('s2', ofGroup('g1', 's2', 'failed')),
    );
    assert.equal(row.description, 'picked: s1 · 1 failed');
    const rows = model.children(node).map((one) => model.row(one));
    assert.deepEqual(
      rows.map(({ icon }) => icon?.name),
      ['pass', 'star-full', 'error'],
    );
    assert.deepEqual(
      rows.map(({ context }) => context),
      ['job.completed.grouped', 'job.completed.grouped', 'job.failed'],
    );
    assert.match(rows[1]!.description ?? '', /^picked/);
    assert.match(rows[1]!.spoken, /picked/);
  });

  it('is hidden by a filter, under which its jobs are found in their sessions', () => {
    const { model } = drawn(...race('completed', 'failed'));
    model.filter = { kind: 'failed' };
    assert.deepEqual(
      model.children().map(({ kind }) => kind),
      ['session'],
    );
  });

  it('is shown of a folder of this machine only', () => {
    const foreign = treeFolder('a', race('completed', 'running'), 'foreign');
    const kinds = new TreeModel(treeSource(foreign)).children().map(({ kind }) => kind);
    assert.deepEqual(kinds, ['foreign', 'session', 'session']);
  });

  it('is meant once when its two rows are selected', () => {
    const { model, node } = drawn(...race('completed', 'running'));
    const [twin, other] = model.children(node) as JobNode[];
    const [below] = model.children(model.children()[1]) as JobNode[];
    assert.deepEqual(chosenNodes('job', [], twin, [twin, below, other, node]), [below, other]);
    assert.deepEqual(chosenNodes('session', [node], 'selection'), [], 'F2 and Delete have nothing to do with it');
  });
});

describe('the groups of a folder', () => {
  const at = (minutes: number) => new Date(Date.parse(someTime) - minutes * 60_000).toISOString();
  const groups = (count: number, status: Job['status'], first = 0) =>
    Array.from({ length: count }, (_, i) => `g${first + i}`).map((id, i) =>
      ['one', 'two'].map((session) => ofGroup(id, session, status, { created_at: at(first + i) })),
    );
  const folderOf = (...all: Job[][]) =>
    treeFolder(
      'a',
      ['one', 'two'].map((id) => sessionWith(id, ...all.flat().filter((job) => job.session_id === id))),
    );
  const ids = (folder: ReturnType<typeof folderOf>) => groupsOf(folder, someNow).map(({ id }) => id);

  it('are all that work, and the last five that have ended', () => {
    const folder = folderOf(...groups(7, 'completed'), ...groups(7, 'running', 7));
    assert.deepEqual(ids(folder), ['g0', 'g1', 'g2', 'g3', 'g4', 'g7', 'g8', 'g9', 'g10', 'g11', 'g12', 'g13']);
  });

  it('are no more those that ended a day ago, whose jobs stay', () => {
    const folder = folderOf(...groups(1, 'completed', 24 * 60), ...groups(1, 'running', 25 * 60));
    assert.deepEqual(ids(folder), [`g${25 * 60}`]);
    assert.equal(groupOf(folder, `g${24 * 60}`)?.answers.length, 2);
  });

  it('are none of several files that went to one session', () => {
    const jobs = ['j1', 'j2'].map((id) => treeJob(id, 'completed', { group_id: 'g1', session_id: 'one' }));
    assert.deepEqual(ids(folderOf(jobs)), []);
  });

  it('have the job that was run again in place of the one before it', () => {
    const failed = ofGroup('g1', 'one', 'failed');
    const again = treeJob('again', 'completed', { group_id: 'g1', session_id: 'one', retry_of: failed.job_id });
    const [group] = groupsOf(folderOf([failed, again, ofGroup('g1', 'two', 'completed')]), someNow);
    assert.deepEqual([group?.members.length, group?.answers.length, group?.failed.length], [2, 2, 0]);
  });
});
