import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import * as v from 'valibot';
import * as vscode from 'vscode';
import { type SetupCheck, setupInput } from '../../src/core/setup/check';
import { checkSetup } from '../../src/core/setup/checks';
import { Layout } from '../../src/core/store/layout';
import { Settings } from '../../src/core/store/settings';
import { UserState } from '../../src/core/store/userState';
import { systemClock } from '../../src/core/support/clock';
import type { CourierFolder } from '../../src/ui/courierFolder';
import { type Node, nodeId } from '../../src/ui/nodes';
import { rowOf } from '../../src/ui/rows';
import type { Finding } from '../../src/ui/setupChecks';
import { treeItem as itemOf } from '../../src/ui/treeItems';
import { rootsOf } from '../../src/ui/treeRoots';
import { waitFor } from '../support/waitFor';
import { courier, deleteSessions, demoSession, Person, sessions } from './uiSupport';

const { Global } = vscode.ConfigurationTarget;
const configuration = () => vscode.workspace.getConfiguration('courier');
const run = (name: string, ...args: unknown[]) => vscode.commands.executeCommand(`courier.${name}`, ...args);

type Row = vscode.QuickPickItem & { finding: Finding };

const treeItem = (node: Node) => itemOf(node, rowOf(node, Date.now()));

describe('what the setup lacks, in the empty tree', () => {
  const workspace = path.join(os.tmpdir(), 'tc-not-there');
  const layout = new Layout(workspace);
  const uri = vscode.Uri.file(workspace);
  const empty = {
    name: 'a',
    sessions: [],
    listed: [],
    unmanaged: [],
    lastSeen: [],
    layout,
    workspaceFolder: { uri, name: 'a', index: 0 },
  };
  const all = [empty as unknown as CourierFolder];

  /** What the real checks find with these settings. */
  const findings = async (settings: object): Promise<Finding[]> => {
    const about = { user: UserState.fromEnvironment(), clock: systemClock, versions: false };
    const input = setupInput({ ...about, settings: v.parse(Settings, { version: '1.0', ...settings }) });
    const { machine } = await checkSetup(input, []);
    return machine.filter(({ status }) => status !== 'ok').map((check) => ({ check }));
  };
  const roots = async (settings: object) => rootsOf(all, await findings(settings), Date.now());

  it('is nothing when all is well, so that the welcome shows', async () => {
    assert.deepEqual(await roots({ default_agent: 'demo' }), []);
  });

  it('is an agent that is missing, with ways to begin all the same', async () => {
    const nodes = await roots({ agents: { claude: { command: '/nonexistent/claude' } } });
    const items = nodes.map(treeItem);
    assert.deepEqual(
      items.map(({ label }) => label),
      ['Claude Code was not found', 'New Session', 'Try the Demo Agent', 'Get Started'],
    );
    assert.deepEqual(
      items.map(({ command }) => command?.command),
      items.map(() => 'courier.openItem'),
    );
    assert.equal(items[0]?.contextValue, 'setup.fixable');
    assert.match(String(items[0]?.description), /nonexistent\/claude/);
    assert.equal(new Set(nodes.map(nodeId)).size, nodes.length);
  });

  it('is tmux that is missing', async () => {
    const [node] = await roots({ default_agent: 'demo', tmux_path: '/nonexistent/tmux' });
    assert.equal(treeItem(node!).label, 'tmux was not found');
  });

  it('is left to the welcome when only a folder is to be adopted', () => {
    const check: SetupCheck = { id: 'adopted', status: 'warning', title: 'x', detail: 'y', fixes: [] };
    assert.deepEqual(rootsOf(all, [{ check, workspace }], Date.now()), []);
  });
});

describe('Check Setup', () => {
  let person: Person;
  let picks: vscode.QuickPick<Row>[];
  let create: typeof vscode.window.createQuickPick;

  beforeEach(async () => {
    person = new Person();
    await courier();
    picks = [];
    create = vscode.window.createQuickPick;
    // The real one, kept so that a test can look at it.
    vscode.window.createQuickPick = (() => {
      const pick = create<Row>();
      picks.push(pick);
      return pick;
    }) as typeof vscode.window.createQuickPick;
  });

  afterEach(async () => {
    for (const pick of picks) pick.hide();
    vscode.window.createQuickPick = create;
    person.leave();
    await configuration().update('agents', undefined, Global);
  });

  const missing = { mine: { type: 'custom', command: 'tc-missing' } };
  const check = async () => {
    await run('checkSetup');
    return picks.at(-1)!;
  };

  it('shows each check with its state, and the buttons that help', async () => {
    await configuration().update('agents', missing, Global);
    const { items } = await check();
    const named = (words: string) => items.find(({ label }) => label.includes(words));
    assert.match(named('tmux')?.label ?? '', /^\$\(pass\) tmux 3/);
    assert.match(named('folder can be written')?.label ?? '', /^\$\(pass\)/);
    const bad = named('mine was not found');
    assert.match(bad?.label ?? '', /^\$\(warning\)/);
    assert.deepEqual(
      bad?.buttons?.map(({ tooltip }) => tooltip),
      ['Set Agents'],
    );
  });

  it('explains what is chosen, and shows where it looked', async () => {
    await configuration().update('agents', missing, Global);
    const { items } = await check();
    const row = items.find(({ label }) => label.includes('mine was not found'));
    const node: Node = { kind: 'setup', folder: undefined, finding: row!.finding };
    await run('explainSetup', node);
    const [call] = person.of('showWarningMessage');
    assert.match(String(call?.args[0]), /tc-missing.*on PATH.*Homebrew.*courier\.agents/);
    assert.deepEqual(call?.args.slice(1), ['Set Agents', 'Where It Looked']);
  });

  it('copies the line that installs something', async () => {
    const fixes: SetupCheck['fixes'] = [{ kind: 'copy', label: 'Copy', text: 'install it' }];
    const finding = { check: { id: 'x', status: 'problem', title: 'x', detail: '', fixes } as SetupCheck };
    await run('fixSetup', { kind: 'setup', folder: undefined, finding });
    assert.equal(await vscode.env.clipboard.readText(), 'install it');
  });

  it('makes a Demo session, which is one click in the tree', async () => {
    await deleteSessions(person);
    const fixes: SetupCheck['fixes'] = [{ kind: 'demo', label: 'Try the Demo Agent' }];
    const finding = { check: { id: 'x', status: 'problem', title: 'x', detail: '', fixes } as SetupCheck };
    await run('fixSetup', { kind: 'setup', folder: undefined, finding });
    await waitFor(async () => (await sessions()).some(({ metadata }) => metadata.agent === 'demo'), {
      what: 'a Demo session',
    });
    await demoSession();
  });

  it('does nothing to the files of a workspace', async () => {
    const before = await fs.readdir((await courier()).folders()[0]!.path);
    await check();
    assert.deepEqual(await fs.readdir((await courier()).folders()[0]!.path), before);
  });
});
