import * as vscode from 'vscode';
import { waitFor } from '../support/waitFor';
import { writeResult } from './hostResult';
import { machineAtRest } from './processes';

/** Opens the view of the plain tree, and writes down how long after the first line of its code all its rows were handed over, in milliseconds. */
export const run = () => writeResult(look);

async function look(): Promise<number> {
  await machineAtRest();
  await vscode.commands.executeCommand('plainTree.rows.focus');
  const at = (name: string) => performance.getEntriesByName(name)[0]?.startTime;
  const painted = await waitFor(() => at('plainTree.painted'), { timeout: 60_000, what: 'the rows of the plain tree' });
  return painted - at('plainTree.load')!;
}
