import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import type * as v from 'valibot';
import { statusJson, statusLines } from '../../../src/cli/statusText';
import { isFinal } from '../../../src/core/model/job';
import { Health, SessionMetadata } from '../../../src/core/model/session';
import { loadSessions } from '../../../src/core/runner/loadSessions';
import { findInHistory } from '../../../src/core/store/history';
import { readJson } from '../../../src/core/store/jsonFile';
import { QueueFile } from '../../../src/core/store/queueFile';
import { findJob, readSnapshot } from '../../../src/core/store/snapshot';
import { systemClock } from '../../../src/core/support/clock';
import { badJson } from './badText';
import { holds, type Property } from './property';
import { SeededFolder, type StateKind, stateFiles, whereKept } from './seededFolder';

const schemas = { metadata: SessionMetadata, health: Health, queue: QueueFile };

/** A session's state file may hold anything: readers and runner go on, name it, and keep what it held. */
export const stateFileProperties: Property[] = (Object.keys(stateFiles) as StateKind[]).map((kind) => ({
  name: `a session's ${kind}: nobody fails, it is named, and nothing of it is lost`,
  async check(runs, onTry) {
    const folder = await SeededFolder.make();
    try {
      await holds(badJson(stateFiles[kind]), runs, (bytes) => spoil(folder, kind, bytes), onTry);
    } finally {
      await folder.remove();
    }
  },
}));

async function spoil(folder: SeededFolder, kind: StateKind, bytes: Buffer): Promise<void> {
  await folder.seed();
  const { context, main } = folder;
  const file = main[kind];
  await fs.writeFile(file, bytes);
  const read = await readJson<v.GenericSchema>(schemas[kind], file);
  if (read.kind !== 'ok') assert.ok(read.kind !== 'missing' && read.message.includes(file), JSON.stringify(read));
  await readersGoOn(folder, kind, read.kind !== 'ok');
  assert.ok((await fs.readFile(file)).equals(bytes), 'a reader changed it');

  await loadSessions(context);
  for (const session of context.sessions.values()) await session.flush();
  assert.ok(context.sessions.get('other')?.job('j-other'), 'the other session was not loaded');
  const log = context.logged.join('\n');
  const kept = await whereKept(path.dirname(file), bytes);
  if (read.kind === 'newer') {
    assert.equal(kept, file, 'it was not left as it is');
    assert.ok(log.includes(file), log);
    assert.equal(context.sessions.has('main'), false);
    return;
  }
  if (read.kind === 'unreadable') assert.ok(kept && log.includes(kept), `kept as ${kept}; the log: ${log}`);
  const again = await readJson<v.GenericSchema>(schemas[kind], file);
  assert.equal(again.kind, 'ok', `what the runner wrote can't be read: ${JSON.stringify(again)}`);
  if (read.kind === 'ok' && kind === 'queue')
    await nothingLost(folder, read.value as QueueFile, kept !== undefined && log.includes(kept));
  await loadTwice(folder);
}

async function readersGoOn({ context }: SeededFolder, kind: StateKind, spoilt: boolean): Promise<void> {
  const { layout, user } = context;
  const snapshot = await readSnapshot(layout, user, systemClock, { historyLimit: 20 });
  const told = snapshot.problems.join('\n');
  if (spoilt) assert.ok(told.includes(layout.session('main')[kind]), `not named: ${told}`);
  const shown = snapshot.sessions.find((view) => view.metadata.session_id === 'main');
  if (!shown) assert.ok(told.includes(layout.session('main').metadata), 'a session vanished, and nobody said why');
  assert.equal(snapshot.sessions.find((view) => view.metadata.session_id === 'other')?.jobs.length, 1);
  assert.ok(JSON.stringify(statusJson(snapshot)).includes('j-other'));
  assert.ok(statusLines({ dir: '.' }, snapshot, 0).join('\n').includes('j-other'));
  assert.equal((await findJob(layout, 'j-other'))?.status, 'pending');
  await findJob(layout, 'j-next');
}

/** Each job that the queue named is still live, or has its end in the history, unless the file was set aside. */
async function nothingLost({ context, main }: SeededFolder, queue: QueueFile, aside: boolean): Promise<void> {
  const session = context.sessions.get('main')!;
  const ids = queue.jobs.map((job) => job.job_id);
  for (const job of queue.jobs) {
    const live = session.jobs.filter((one) => one.job_id === job.job_id);
    assert.ok(live.length <= 1, `${job.job_id} stands in the queue ${live.length} times, and would run so often`);
    assert.ok(
      live.every((one) => !isFinal(one.status)),
      'an ended job stands in the queue',
    );
    if (live.length === 1 || aside) continue;
    assert.ok(await findInHistory(main, job.job_id), `${job.job_id} is lost`);
  }
  if (new Set(ids).size < ids.length)
    assert.ok(aside, 'a job that stood there twice is lost, and nothing was set aside');
}

/** What was mended once stays: a runner after this one finds nothing to complain of. */
async function loadTwice({ context }: SeededFolder): Promise<void> {
  const jobs = () => [...context.sessions.values()].flatMap((session) => session.jobs.map((job) => job.job_id)).sort();
  const before = jobs();
  context.sessions.clear();
  context.logged.length = 0;
  await loadSessions(context);
  for (const session of context.sessions.values()) await session.flush();
  assert.deepEqual(jobs(), before);
  assert.deepEqual(context.logged, []);
}
