import * as vscode from 'vscode';
import type { CourierApi } from '../../src/ui/api';
import { treeMarks } from '../../src/ui/firstPicture';
import { waitFor } from '../support/waitFor';
import { writeResult } from './hostResult';
import { machineAtRest } from './processes';

/** What one VS Code showed, in milliseconds since the extension's code was begun. */
export interface Activation {
  painted: number;
  whole: number;
  read: number;
  /** How many rows the first picture had. */
  rows: number;
  sessions: number;
  jobs: number;
}

/** Opens the view, which activates the extension, and writes down when its tree stood. */
export const run = () => writeResult(look);

async function look(): Promise<Activation> {
  const id = 'tmux-courier.tmux-courier';
  const extension = vscode.extensions.getExtension<CourierApi>(id);
  if (!extension || extension.isActive)
    throw new Error(`${id} is ${extension ? 'active before its view' : 'not there'}`);
  await machineAtRest();
  await vscode.commands.executeCommand('courier.sessions.focus');
  const at = (name: string) => performance.getEntriesByName(name)[0]?.startTime;
  const seen = () => performance.getEntriesByType('mark').flatMap(({ name }) => (/courier/.test(name) ? name : []));
  const limits = { timeout: 60_000, what: () => `the whole tree; there is ${seen()}` };
  const [load, painted, whole, read] = await waitFor(() => {
    const times = ['courier.load', treeMarks.painted, treeMarks.whole, treeMarks.read].map(at);
    return times.every((time) => time !== undefined) ? times : undefined;
  }, limits);
  const sessions = (await extension.activate()).folders().flatMap(({ snapshot }) => snapshot?.sessions ?? []);
  const [first] = performance.getEntriesByName(treeMarks.painted);
  const { rows } = (first as unknown as { detail: { rows: number } }).detail;
  const jobs = sessions.reduce((sum, { finished }) => sum + finished.length, 0);
  return {
    painted: painted! - load!,
    whole: whole! - load!,
    read: read! - load!,
    rows,
    sessions: sessions.length,
    jobs,
  };
}
