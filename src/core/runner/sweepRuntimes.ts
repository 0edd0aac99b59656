import * as fs from 'node:fs/promises';
import { idPattern } from '../model/ids';
import { readMonitor } from '../monitor/post';
import { Runtime } from '../store/runtime';
import { oldFiles } from '../store/temporaryFiles';
import { namesIn, type UserState } from '../store/userState';
import { isLeftover } from '../store/wholeFile';
import type { Clock } from '../support/clock';
import { readRunner } from './claims';

/** A folder that was written to in this time, in milliseconds, may belong to a program that is just starting. */
const young = 3_600_000;

/**
 * Removes the stable copies of versions that nothing of this user uses: no runner, no monitor, no agent that was launched
 * with them, no unit that names them. Whatever can't be found out keeps all of them.
 */
export async function sweepRuntimes(user: UserState, own: string, clock: Clock): Promise<void> {
  await sweepHalfWritten(user, own, clock);
  const old = (await namesIn(user.runtimes)).filter((version) => version !== own);
  if (old.length === 0) return;
  const used = await versionsInUse(user, clock);
  for (const version of old.filter((name) => !used?.has(name))) {
    const runtime = new Runtime(user.runtime(version));
    const stat = await fs.lstat(runtime.dir);
    const kept = used === undefined || clock.now() - stat.mtimeMs < young || (await isThere(runtime.keep));
    if (stat.isDirectory() && !kept) await fs.rm(runtime.dir, { recursive: true, force: true });
  }
}

/** What a program that was killed left half written of its settings and of the copies. */
async function sweepHalfWritten(user: UserState, own: string, clock: Clock): Promise<void> {
  for (const dir of [user.root, user.runtime(own)])
    for (const { file } of await oldFiles(dir, clock.now() - young, isLeftover)) await fs.rm(file, { force: true });
}

/** The versions that live processes of this user's folders come from; undefined when that can't be told. */
async function versionsInUse(user: UserState, clock: Clock): Promise<Set<string> | undefined> {
  const used = new Set<string>();
  for (const id of (await namesIn(user.folders)).filter((name) => idPattern.test(name))) {
    const folder = user.folder(id);
    const runner = await readRunner(folder, clock);
    if (runner && !runner.program_version) return undefined;
    if (runner?.program_version) used.add(runner.program_version);
    const monitor = await readMonitor(folder, clock);
    if (monitor.kind === 'running' || monitor.kind === 'silent') used.add(monitor.monitor.program_version);
    for (const launch of await namesIn(folder.launches)) {
      const version = await textOf(folder.launch(launch).programVersion);
      if (version === undefined) return undefined;
      used.add(version);
    }
  }
  return used;
}

async function textOf(file: string): Promise<string | undefined> {
  return fs.readFile(file, 'utf8').catch(() => undefined);
}

async function isThere(file: string): Promise<boolean> {
  return fs.access(file).then(
    () => true,
    () => false,
  );
}
