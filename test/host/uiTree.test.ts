import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Job } from '../../src/core/model/job';
import type { SessionState } from '../../src/core/model/session';
import type { CourierFolder } from '../../src/ui/courierFolder';
import { type Node, nodeId } from '../../src/ui/nodes';
import { nodeTooltip } from '../../src/ui/nodeTooltip';
import { treeItem } from '../../src/ui/treeItems';
import { TreeModel } from '../../src/ui/treeModel';
import {
  treeFolder as folder,
  treeJob as job,
  treeSession as session,
  treeSource,
  someDialog as waiting,
} from '../support/treeFixtures';

const modelOf = (...all: CourierFolder[]) => new TreeModel(treeSource(...all));
const roots = (...all: CourierFolder[]) => modelOf(...all).children();
const itemOf = (node: Node) => treeItem(node, modelOf().row(node));
const childrenOf = (node: Node) => modelOf().children(node);
const labels = (nodes: Node[]) => nodes.map((node) => itemOf(node).label);

describe('the tree Sessions → Jobs', () => {
  it('is empty, so that the welcome shows, until there is a session', () => {
    assert.deepEqual(roots(folder('a', [])), []);
    assert.deepEqual(roots(folder('a', []), folder('b', [])), []);
  });

  it('shows folders only when there is more than one', () => {
    const one = folder('a', [session('ready', [])]);
    assert.deepEqual(
      roots(one).map((node) => node.kind),
      ['session'],
    );
    assert.deepEqual(labels(roots(one, folder('b', []))), ['a', 'b']);
  });

  it('is open from the start below a session, so that a first job is seen', () => {
    const [node] = roots(folder('a', [session('ready', [])]));
    assert.equal(itemOf(node!).collapsibleState, vscode.TreeItemCollapsibleState.Expanded);
    assert.deepEqual(labels(childrenOf(node!)), ['No jobs yet']);
  });

  it('shows live jobs first, newest first, then the finished ones', () => {
    const view = session(
      'busy',
      [job('j1', 'running'), job('j2', 'pending')],
      [job('j0', 'completed', { title: 'Zero' })],
    );
    const [node] = roots(folder('a', [view]));
    assert.deepEqual(labels(childrenOf(node!)), ['task j2', 'task j1', 'Zero']);
  });

  it('shows what a session waits for, with a click for each choice', () => {
    const [node] = roots(folder('a', [session('waiting', [])]));
    const [dialog, yes, no] = childrenOf(node!).map(itemOf);
    assert.equal(dialog?.label, 'Trust this folder?');
    assert.equal(dialog?.description, 'Do you trust the files in this folder?');
    assert.equal(dialog?.command, undefined);
    assert.deepEqual([yes?.label, no?.label], ['Yes, proceed', 'No, exit']);
    // Without arguments: VS Code forgets those of a row that is drawn again at the moment of the click.
    for (const item of [yes, no]) assert.deepEqual(item?.command, { command: 'courier.openItem', title: 'Open' });
  });

  it('shows the question of a fresh job below the job', () => {
    const fresh = job('j1', 'running', { mode: 'fresh', phase: 'waiting', waiting });
    const [node] = roots(folder('a', [session('ready', [fresh])]));
    const [jobNode] = childrenOf(node!);
    assert.equal(childrenOf(jobNode!).length, 3);
    assert.equal((childrenOf(jobNode!)[1] as { target: string }).target, 'j1');
  });

  it('keeps ids while states change, and has states as context values', () => {
    const nodes = (state: SessionState, status: Job['status']) => {
      const [root] = roots(folder('a', [session(state, [job('j1', status)])]));
      return [root!, ...childrenOf(root!)];
    };
    const before = nodes('busy', 'running');
    const after = nodes('ready', 'completed');
    assert.deepEqual(before.map(nodeId), after.map(nodeId));
    assert.deepEqual(
      after.map((node) => itemOf(node).contextValue),
      ['session.ready', 'job.completed'],
    );
    assert.equal(new Set(before.map(nodeId)).size, 2);
  });

  it('names a job by the lines that were sent', () => {
    const source = { path: 'src/a b.ts', start_line: 10, end_line: 42 };
    const [root] = roots(folder('a', [session('ready', [], [job('j1', 'completed', { source })])]));
    assert.deepEqual(labels(childrenOf(root!)), ['a b.ts:10-42']);
  });

  it('shows a foreign folder with a way to adopt it, and nothing that can be run', () => {
    const nodes = roots(folder('a', [session('ready', [job('j1', 'pending')])], 'foreign'));
    const items = [...nodes, ...childrenOf(nodes[1]!)].map(itemOf);
    assert.equal(items[0]?.command?.command, 'courier.openItem');
    assert.deepEqual(
      items.map((item) => item.contextValue),
      ['foreign', 'foreignSession.ready', 'foreignJob.pending'],
    );
  });

  it('shows text from files as text, not as Markdown', async () => {
    const failed = job('j1', 'failed', { reason: 'agent_error', message: '[click](command:evil) <b>' });
    const [root] = roots(folder('a', [session('ready', [], [failed])]));
    const tooltip = (await nodeTooltip(childrenOf(root!)[0]!)) as vscode.MarkdownString;
    assert.ok(!tooltip.isTrusted && !tooltip.supportHtml && !tooltip.supportThemeIcons);
    assert.equal(tooltip.value.includes('[click](command'), false);
    // What Markdown makes something of stands nowhere outside of our own words and of blocks of code.
    const outside = tooltip.value.replace(/```[\s\S]*?```/g, '').replace(/&#\d+;/g, '');
    assert.doesNotMatch(outside.replaceAll('**', ''), /[[\]<>()!_`$@\\]|:\/\//);
  });

  it('says in the tooltip what it means that an end is inferred', async () => {
    const [root] = roots(folder('a', [session('ready', [], [job('j1', 'completed', { inferred: true })])]));
    const tooltip = (await nodeTooltip(childrenOf(root!)[0]!)) as vscode.MarkdownString;
    assert.match(tooltip.value, /Inferred: the agent gave no receipt of this end/);
  });

  it('shows tmux sessions that nobody manages below the sessions, and how to begin beside them when there are none', () => {
    const created_at = '2026-11-22T10:00:00.000Z';
    const own = folder('a', [session('ready', [])]);
    const unmanaged = [{ name: "it's %H", managed: false, attached: 0, created_at }];
    const both = roots({ ...own, unmanaged } as unknown as CourierFolder);
    assert.deepEqual(labels(both), ['main', "it's %H"]);
    assert.equal(itemOf(both[1]!).contextValue, 'unmanaged');
    const alone = roots({ ...folder('a', []), unmanaged } as unknown as CourierFolder);
    assert.deepEqual(labels(alone), ["it's %H", 'New Session', 'Try the Demo Agent', 'Get Started']);
  });
});
