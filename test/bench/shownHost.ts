import { copyFileSync, statSync } from 'node:fs';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { Layout } from '../../src/core/store/layout';
import type { CourierApi } from '../../src/ui/api';
import { writeResult } from './hostResult';

/**
 * Milliseconds from the record of a job's end on disk until the window's files view knew it, and until its answer's editor was
 * visible; and from a plain call to VS Code to open a copy of that answer in the same place until that one was.
 */
export interface Shown {
  seen: number;
  visible: number;
  plain: number;
}

/** So many jobs are measured; the one before them starts the agent. */
const runs = Number(process.env.BENCH_RUNS);

const now = () => performance.timeOrigin + performance.now();

/** Sends one job after the other to the Demo agent from beside a file, and writes down when their answers stood beside it. */
export const run = () => writeResult(look);

async function look(): Promise<Shown[]> {
  const api = await vscode.extensions.getExtension<CourierApi>('tmux-courier.tmux-courier')!.activate();
  const folder = vscode.workspace.workspaceFolders![0]!.uri.fsPath;
  const file = vscode.Uri.file(path.join(folder, 'code.ts'));
  await vscode.window.showTextDocument(file, { viewColumn: vscode.ViewColumn.One, preview: false });
  const found: Shown[] = [];
  for (let i = -1; i < runs; i++) {
    const one = await oneJob(api, folder);
    // Each answer makes its column anew.
    await closeAnswers();
    const copy = path.join(folder, `copy-${i}.md`);
    copyFileSync(path.join(folder, one.answer), copy);
    const plain = await openPlainly(vscode.Uri.file(copy));
    await closeAnswers();
    if (i >= 0) found.push({ ...one, plain });
  }
  return found;
}

const closeAnswers = () => vscode.commands.executeCommand('workbench.action.closeEditorsInOtherGroups');

/** Opens a file beside the code as an answer is, and nothing else. */
async function openPlainly(uri: vscode.Uri): Promise<number> {
  let shown: vscode.Disposable | undefined;
  try {
    const visible = new Promise<number>((resolve) => {
      const isIt = ({ document }: vscode.TextEditor) => document.uri.fsPath === uri.fsPath;
      shown = vscode.window.onDidChangeVisibleTextEditors((all) => all.some(isIt) && resolve(now()));
    });
    const begun = now();
    const how = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true, preview: false };
    await vscode.window.showTextDocument(uri, how);
    return (await visible) - begun;
  } finally {
    shown?.dispose();
  }
}

async function oneJob(api: CourierApi, folder: string): Promise<Omit<Shown, 'plain'> & { answer: string }> {
  let seen = 0;
  const own: vscode.Disposable[] = [
    api.onDidChangeJob(({ job }) => {
      if (job.status === 'completed') seen = now();
    }),
  ];
  try {
    const visible = new Promise<number>((resolve) => {
      const isAnswer = ({ document }: vscode.TextEditor) => document.uri.fsPath.includes('/output/');
      own.push(vscode.window.onDidChangeVisibleTextEditors((all) => all.some(isAnswer) && resolve(now())));
    });
    const id = await api.send({ prompt: 'Say something.', session: 'main', agent: 'demo', show: true });
    const { job } = await api.result(id);
    if (job.status !== 'completed') throw new Error(`${id} is ${job.status}: ${job.message}`);
    const at = await visible;
    const ended = statSync(new Layout(folder).session(job.session_id).historyFile(job.finished_at!)).mtimeMs;
    return { seen: seen - ended, visible: at - ended, answer: job.output_path };
  } finally {
    for (const one of own) one.dispose();
  }
}
