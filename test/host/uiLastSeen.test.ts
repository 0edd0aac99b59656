import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { createFolder } from '../../src/core/store/folder';
import { Layout } from '../../src/core/store/layout';
import { defaultSettings } from '../../src/core/store/settings';
import { UserState } from '../../src/core/store/userState';
import { systemClock } from '../../src/core/support/clock';
import type { CommandId } from '../../src/ui/contributions';
import { CourierFolder } from '../../src/ui/courierFolder';
import type { FolderService } from '../../src/ui/folderService';
import { type LastRow, LastRowsKeeper, readLastRows } from '../../src/ui/lastRows';
import type { Node } from '../../src/ui/nodes';
import { nodeTooltip } from '../../src/ui/nodeTooltip';
import { registerCommand } from '../../src/ui/notifications';
import { TreeModel } from '../../src/ui/treeModel';
import { writeLongHistory } from '../support/longHistory';
import { makeTempDir, type TempDir } from '../support/tempDir';
import { treeSource } from '../support/treeFixtures';
import { waitFor } from '../support/waitFor';
import { noLog } from './uiDoubles';
import { Person } from './uiSupport';

const distDir = path.join(process.env.COURIER_REPO ?? '', 'dist');

describe('a folder of which only the last picture is known', () => {
  let temp: TempDir;
  let person: Person;
  let layout: Layout;
  const open: CourierFolder[] = [];
  const own: vscode.Disposable[] = [];
  const context = () => {
    const user = new UserState(path.join(temp.path, 'state'), path.join(temp.path, 'run'));
    return {
      user,
      log: noLog,
      programVersion: '0.0.0',
      distDir,
      madeBy: 'test en',
      seenUntil: () => '',
      later: { folder: () => import('../../src/ui/folderParts'), rest: () => import('../../src/ui/later') },
    };
  };
  const folderWith = (rows: readonly LastRow[]) => {
    const uri = vscode.Uri.file(layout.workspace);
    const place = { uri, name: 'app', index: 0 };
    const folder = new CourierFolder(place, context(), defaultSettings(), Promise.resolve(), rows);
    open.push(folder);
    return folder;
  };

  before(async () => {
    temp = await makeTempDir();
    person = new Person();
    layout = new Layout(temp.path);
    await createFolder(layout, context().user, systemClock);
    for (let i = 0; i < 60; i++) writeLongHistory(layout, `s-${i}`, 2, 2);
    const first = folderWith([]);
    await first.start();
    await first.whole;
    const service = { all: [first], onDidChange: first.onDidChange } as unknown as FolderService;
    const keeper = new LastRowsKeeper(service, context());
    own.push(keeper);
    await keeper.keep();
    await first.stop();
  });
  after(async () => {
    for (const one of own) one.dispose();
    for (const folder of open) await folder.stop();
    person.leave();
    await temp.remove();
  });

  it('is corrected by its files: what is gone goes and is not acted on, what has changed is drawn again', async () => {
    // Meanwhile one session goes, and another one comes to another state.
    rmSync(layout.session('s-7').dir, { recursive: true });
    const { metadata: file } = layout.session('s-8');
    const metadata = JSON.parse(await readFile(file, 'utf8'));
    await writeFile(file, JSON.stringify({ ...metadata, state: 'error', name: 'Another name' }));

    const rows = await readLastRows(layout, context());
    assert.equal(rows.length, 60);
    const folder = folderWith(rows);
    const model = new TreeModel(treeSource(folder));
    const drawn = model.children();
    assert.deepEqual([...new Set(drawn.map(({ kind }) => kind))], ['lastSeen']);
    const byId = new Map(drawn.map((node) => [node.kind === 'lastSeen' ? node.id : '', node]));
    const [gone, changed, same] = ['s-7', 's-8', 's-9'].map((id) => byId.get(id)!) as [Node, Node, Node];
    assert.equal(model.row(gone).label, 's-7');
    assert.equal(model.row(changed).label, 's-8');
    for (const node of drawn) model.row(node);
    assert.equal(await nodeTooltip(gone), 'As it was last shown; its files are being read.');

    const done: unknown[] = [];
    const id = 'courier.test.act' as CommandId;
    own.push(registerCommand(noLog, id, (node) => done.push(node)));
    const acted = [gone, changed, same].map((node) => vscode.commands.executeCommand(id, node));
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(done, [], 'nothing is done with what was only seen last');

    const changes: (Node[] | 'all')[] = [];
    own.push(folder.onDidChange(() => changes.push(model.changes())));
    await folder.start();
    await Promise.all(acted);
    assert.equal(changes[0], 'all', 'a session is gone');
    assert.deepEqual(done, [changed, same]);
    const [refused] = await waitFor(() =>
      person.of('showErrorMessage').length ? person.of('showErrorMessage') : undefined,
    );
    assert.match(String(refused!.args[0]), /The session s-7 is no longer there, so nothing was done/);

    const now = model.children();
    assert.equal(now.length, 59);
    assert.ok(!now.includes(gone));
    assert.ok(now.includes(changed) && now.includes(same), 'the objects that VS Code knows');
    assert.equal(model.row(changed).label, 'Another name');
    assert.equal(model.row(same).label, 's-9');
    assert.ok(now.every(({ kind }) => kind === 'session'));
  });
});
