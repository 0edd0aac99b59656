import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Job } from '../../src/core/model/job';
import type { SessionState } from '../../src/core/model/session';
import type { SessionView } from '../../src/core/store/snapshot';
import type { CourierFolder } from '../../src/ui/courierFolder';
import type { FolderService } from '../../src/ui/folderService';
import type { Node } from '../../src/ui/nodes';
import { childrenOf, rootsOf } from '../../src/ui/sessionTree';
import { nodeId, treeItem } from '../../src/ui/treeItems';

const waiting = {
  dialog_id: 'd1',
  kind: 'trust' as const,
  text: ' Do you trust the files in this folder?\n ❯ 1. Yes, proceed\n   2. No, exit',
  choices: [
    { id: 'yes', label: 'Yes, proceed' },
    { id: 'no', label: 'No, exit' },
  ],
};

function job(id: string, status: Job['status'], more: Partial<Job> = {}): Job {
  const created_at = '2026-11-22T10:00:00.000Z';
  const files = { prompt_path: `.courier/p/${id}.md`, output_path: `.courier/o/${id}.md` };
  const fixed = { agent: 'demo', type: 'task', mode: 'session' as const, attempts: 1, session_id: 'main' };
  return { job_id: id, status, created_at, ...fixed, ...files, ...more };
}

function session(state: SessionState, jobs: Job[], finished: Job[] = []): SessionView {
  const metadata = {
    version: '1.0' as const,
    session_id: 'main',
    name: 'main',
    created_at: '2026-11-22T10:00:00.000Z',
    state,
    tmux_session: 'courier_main',
    agent: 'demo',
    epoch: 1,
    ...(state === 'waiting' ? { waiting } : {}),
  };
  return { metadata, jobs, finished };
}

/** As much of a folder as the tree looks at. */
function folder(name: string, sessions: SessionView[], kind: 'own' | 'foreign' = 'own'): CourierFolder {
  const uri = vscode.Uri.file(`/home/dev/${name}`);
  const standing = kind === 'own' ? { kind } : { kind, why: 'it came with a clone' };
  const shape = { name, sessions, workspaceFolder: { uri, name, index: 0 }, snapshot: { standing, sessions } };
  return { ...shape, layout: { workspace: uri.fsPath } } as unknown as CourierFolder;
}

const roots = (...all: CourierFolder[]) => rootsOf(all as FolderService['all']);
const labels = (nodes: Node[]) => nodes.map((node) => treeItem(node).label);

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
    assert.equal(treeItem(node!).collapsibleState, vscode.TreeItemCollapsibleState.Expanded);
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
    const [dialog, yes, no] = childrenOf(node!).map(treeItem);
    assert.equal(dialog?.label, 'Trust this folder?');
    assert.equal(dialog?.description, 'Do you trust the files in this folder?');
    assert.equal(dialog?.command, undefined);
    assert.deepEqual([yes?.label, no?.label], ['Yes, proceed', 'No, exit']);
    assert.equal(yes?.command?.command, 'courier.answer');
    assert.equal((yes?.command?.arguments?.[0] as Extract<Node, { kind: 'choice' }> | undefined)?.choice.id, 'yes');
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
      after.map((node) => treeItem(node).contextValue),
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
    const items = [...nodes, ...childrenOf(nodes[1]!)].map(treeItem);
    assert.equal(items[0]?.command?.command, 'courier.adopt');
    assert.deepEqual(
      items.map((item) => item.contextValue),
      ['foreign', 'foreignSession.ready', 'foreignJob.pending'],
    );
  });

  it('shows text from files as text, not as Markdown', () => {
    const failed = job('j1', 'failed', { reason: 'agent_error', message: '[click](command:evil) <b>' });
    const [root] = roots(folder('a', [session('ready', [], [failed])]));
    const tooltip = treeItem(childrenOf(root!)[0]!).tooltip as vscode.MarkdownString;
    assert.equal(tooltip.isTrusted, undefined);
    assert.equal(tooltip.value.includes('[click](command'), false);
  });
});
