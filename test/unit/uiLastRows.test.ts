import assert from 'node:assert/strict';
import { mkdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { createFolder } from '../../src/core/store/folder';
import { Layout } from '../../src/core/store/layout';
import { UserState } from '../../src/core/store/userState';
import { systemClock } from '../../src/core/support/clock';
import type { CourierFolder } from '../../src/ui/courierFolder';
import type { FolderService } from '../../src/ui/folderService';
import { atRestIn, LastRowsKeeper, readLastRows } from '../../src/ui/lastRows';
import type { LogChannel } from '../../src/ui/logChannel';
import { makeJob } from '../support/coreFixtures';
import { FakeClock } from '../support/fakeClock';
import { makeTempDir, type TempDir } from '../support/tempDir';
import { retell, treeFolder, treeSession } from '../support/treeFixtures';

const sessions = (count: number, state: 'ready' | 'stopped' = 'ready') =>
  Array.from({ length: count }, (_, i) => treeSession(state, [], [], { session_id: `s-${i}`, name: `Session ${i}` }));

describe('the rows of the last picture', () => {
  let temp: TempDir;
  let user: UserState;
  let layout: Layout;
  let folder: CourierFolder;
  let file: string;
  const warnings: string[] = [];
  const log = { warn: (text: string) => void warnings.push(text) } as unknown as LogChannel;
  const context = (madeBy = '1.0.0 en') => ({ user, log, madeBy });
  const keeper = (clock: FakeClock | typeof systemClock = systemClock, tell: (() => void)[] = []) => {
    const onDidChange = (listener: () => void) => {
      tell.push(listener);
      return { dispose() {} };
    };
    return new LastRowsKeeper({ all: [folder], onDidChange } as unknown as FolderService, context(), clock);
  };

  beforeEach(async () => {
    warnings.length = 0;
    temp = await makeTempDir();
    user = new UserState(path.join(temp.path, 'state'), path.join(temp.path, 'run'));
    layout = new Layout(path.join(temp.path, 'work'));
    await mkdir(layout.workspace);
    const registration = await createFolder(layout, user, systemClock);
    folder = treeFolder('work', []);
    Object.assign(folder.snapshot!, { standing: { kind: 'own', registration } });
    file = user.folder(registration.folder_id).lastRows;
  });
  afterEach(() => temp.remove());

  it("are those that were shown, in a file that is the user's own", async () => {
    retell(folder, sessions(60));
    await keeper().keep();
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    const rows = await readLastRows(layout, context());
    assert.equal(rows.length, 60);
    assert.equal(rows[59]!.id, 's-59');
    assert.equal(rows[59]!.row.label, 'Session 59');
    assert.match(rows[59]!.row.description ?? '', /^ready/);
  });

  it('tell which sessions were at rest: those of whose finished jobs none is new or of a group', async () => {
    const [early, late] = ['2026-11-01T00:00:00.000Z', '2026-11-02T00:00:00.000Z'];
    const ended = (id: string, finished_at: string, more = {}) =>
      makeJob(id, { status: 'completed', finished_at, ...more });
    const all = sessions(60);
    Object.assign(all[0]!, { historyMark: 'none' });
    Object.assign(all[1]!, { historyMark: 'early', finished: [ended('j-1', early)] });
    Object.assign(all[2]!, { historyMark: 'late', finished: [ended('j-2', early), ended('j-3', late)] });
    Object.assign(all[3]!, { historyMark: 'group', finished: [ended('j-4', early, { group_id: 'g-1' })] });
    Object.assign(all[4]!, { finished: [ended('j-5', early)] });
    retell(folder, all);
    await keeper().keep();
    const rows = await readLastRows(layout, context());
    const until = (time: string) => [...atRestIn(rows, time)!];
    assert.deepEqual(until(early), [
      ['s-0', 'none'],
      ['s-1', 'early'],
    ]);
    assert.deepEqual(until(late), [...until(early), ['s-2', 'late']]);
    assert.deepEqual(until(''), [['s-0', 'none']]);
    assert.equal(atRestIn([], late), undefined);
  });

  it('are kept once the folder has stayed as it is for a while', async () => {
    const clock = new FakeClock();
    const tell: (() => void)[] = [];
    keeper(clock, tell);
    retell(folder, sessions(60));
    tell[0]!();
    await clock.advance(4000);
    retell(folder, sessions(60, 'stopped'));
    tell[0]!();
    await clock.advance(4000);
    assert.deepEqual(await readLastRows(layout, context()), [], 'not yet');
    await clock.advance(1000);
    while ((await readLastRows(layout, context())).length === 0) await new Promise((resolve) => setImmediate(resolve));
    assert.match((await readLastRows(layout, context()))[0]!.row.description ?? '', /^stopped/);
  });

  it('are gone with the sessions, of which a few need none', async () => {
    retell(folder, sessions(60));
    const own = keeper();
    await own.keep();
    retell(folder, sessions(49));
    await own.keep();
    assert.deepEqual(await readLastRows(layout, context()), []);
    await assert.rejects(stat(file));
    assert.deepEqual(warnings, []);
  });

  it('are not kept of what is not read to its end, or is not our own', async () => {
    const { standing } = folder.snapshot!;
    for (const odd of [{ partial: 'atRest' }, { partial: undefined, standing: { kind: 'foreign', why: '' } }]) {
      retell(folder, sessions(60));
      Object.assign(folder.snapshot!, odd);
      await keeper().keep();
      await assert.rejects(stat(file), JSON.stringify(odd));
    }
    Object.assign(folder.snapshot!, { standing });
    await keeper().keep();
    assert.ok((await stat(file)).isFile());
  });

  it('are passed over when another version, another language or nobody of ours wrote them', async () => {
    retell(folder, sessions(60));
    await keeper().keep();
    for (const other of ['1.0.1 en', '1.0.0 de']) assert.deepEqual(await readLastRows(layout, context(other)), []);
    const good = JSON.parse(await readFile(file, 'utf8'));
    const bad = [
      '',
      '{',
      JSON.stringify({ ...good, version: '2.0' }),
      JSON.stringify({ ...good, sessions: [{ id: '../x', row: good.sessions[0].row }] }),
      JSON.stringify({ ...good, sessions: [{ id: 's-1', row: { ...good.sessions[0].row, below: 'half' } }] }),
      JSON.stringify({ ...good, more: 'x'.repeat(3_000_000) }),
    ];
    for (const text of bad) {
      await writeFile(file, text);
      assert.deepEqual(await readLastRows(layout, context()), [], text.slice(0, 80));
    }
    await writeFile(`${file}.json`, JSON.stringify(good));
    await rm(file);
    await symlink(`${file}.json`, file);
    assert.deepEqual(await readLastRows(layout, context()), [], 'a link');
  });

  it('are none of a folder that came from elsewhere', async () => {
    retell(folder, sessions(60));
    await keeper().keep();
    const moved = new Layout(path.join(temp.path, 'moved'));
    await rename(layout.workspace, moved.workspace);
    assert.deepEqual(await readLastRows(moved, context()), []);
  });

  it('are done without when they can not be written', async () => {
    retell(folder, sessions(60));
    await mkdir(file);
    await keeper().keep();
    assert.match(warnings.join(), /last_rows\.json could not be written/);
    assert.deepEqual(await readLastRows(layout, context()), []);
  });
});
