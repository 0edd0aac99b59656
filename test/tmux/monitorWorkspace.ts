import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { programs } from '../../src/core/store/runtime';
import { waitFor } from '../support/waitFor';
import type { CliWorkspace } from './cliWorkspace';

/** What `courier monitor --status --json` says. */
export interface MonitorStatus {
  version: string;
  state: 'none' | 'running' | 'silent' | 'dead' | 'stopped';
  pid?: number;
  program_version?: string;
}

export async function monitorStatus(work: CliWorkspace): Promise<MonitorStatus> {
  return JSON.parse((await work.run(['monitor', '--status', '--json'])).stdout);
}

/** Starts the monitor in the background; returns its process id. */
export async function startMonitor(work: CliWorkspace, dist?: string): Promise<number> {
  const started = await work.run(['monitor', '--start'], { dist });
  assert.equal(started.code, 0, started.stderr);
  const { state, pid } = await monitorStatus(work);
  assert.equal(state, 'running');
  assert.ok(pid);
  return pid;
}

/** Drops a prompt for the Demo agent; returns the job id. */
export async function drop(work: CliWorkspace, prompt: string, ...args: string[]): Promise<string> {
  const sent = await work.run(['send', '--agent', 'demo', ...args, '-'], { input: prompt });
  assert.equal(sent.code, 0, sent.stderr);
  return sent.stdout.trim();
}

/** A finished job out of the histories' files, which nobody needs a runner to read. */
export async function finishedJob(work: CliWorkspace, id: string) {
  const dir = path.join(work.dir, '.courier', 'sessions', 'active');
  for (const name of await fs.readdir(dir, { recursive: true })) {
    if (!name.endsWith('.jsonl')) continue;
    const lines = (await fs.readFile(path.join(dir, name), 'utf8')).split('\n').filter((line) => line !== '');
    const found = lines.map((line) => JSON.parse(line)).find((job) => job.job_id === id);
    if (found) return found;
  }
  return undefined;
}

/** Waits until a job has ended; `courier wait` is not used, since it would run the job itself. */
export function jobEnd(work: CliWorkspace, id: string): Promise<{ status: string; attempts: number }> {
  return waitFor(() => finishedJob(work, id), { timeout: 30_000, what: `the end of ${id}`, interval: 50 });
}

/** Waits until a session's first live job is in this phase. */
export async function phase(work: CliWorkspace, wanted: string): Promise<void> {
  const look = async () => (await work.status()).sessions[0]?.jobs[0]?.phase === wanted;
  await waitFor(look, { timeout: 30_000, what: `a job that is ${wanted}`, interval: 100 });
}

/** Answers the dialog of the session main with its first choice. */
export async function sayYes(work: CliWorkspace): Promise<void> {
  const choice = (await work.status()).sessions[0]?.waiting?.choices[0]?.id;
  assert.ok(choice);
  const answered = await work.run(['answer', 'main', choice]);
  assert.equal(answered.code, 0, answered.stderr);
}

/** The folder's part of the user's own state. */
export async function folderState(work: CliWorkspace): Promise<string> {
  const { folder_id } = JSON.parse(await fs.readFile(path.join(work.dir, '.courier', 'folder.json'), 'utf8'));
  return path.join(work.root, 'state', 'tmux-courier', 'folders', folder_id);
}

/** The built programs under another version's name; returns their folder. */
export async function programsOf(work: CliWorkspace, version: string): Promise<string> {
  const dist = path.join(work.root, `dist-${version}`);
  await fs.mkdir(dist);
  for (const name of programs) {
    await fs.copyFile(path.resolve('dist', name), path.join(dist, name));
  }
  const file = path.join(dist, 'courier-main.js');
  const text = await fs.readFile(file, 'utf8');
  const built = (await work.run(['--version'])).stdout.trim();
  assert.equal(text.split(`"${built}"`).length, 2, 'the version stands in one place');
  await fs.writeFile(file, text.replace(`"${built}"`, `"${version}"`));
  assert.equal((await work.run(['--version'], { dist })).stdout, `${version}\n`);
  return dist;
}
