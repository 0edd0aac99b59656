import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import * as v from 'valibot';
import { readJson } from '../store/jsonFile';
import { type FolderState, namesIn } from '../store/userState';
import type { Clock } from '../support/clock';
import { isoTime } from '../support/clock';
import { hasCode } from '../support/errors';
import { isGone, ProcessIdentity } from '../support/processIdentity';

export const runnerKinds = ['window', 'background', 'cli'] as const;
export type RunnerKind = (typeof runnerKinds)[number];

/** How often the owner says that it lives, and how long it may be silent before another takes over, in milliseconds. */
export const heartbeatEvery = 2000;
export const silentAfter = 8000;

const ClaimFile = v.looseObject({
  version: v.literal('1.0'),
  epoch: v.number(),
  kind: v.picklist(runnerKinds),
  program_version: v.string(),
  process: ProcessIdentity,
  claimed_at: v.string(),
});
export type ClaimFile = v.InferOutput<typeof ClaimFile>;

/** Who runs a folder's jobs, as `courier status --json` prints it. */
export interface RunnerInfo {
  pid: number;
  kind: RunnerKind;
  epoch: number;
  host: string;
}

export const claimFile = (epoch: number) => `${String(epoch).padStart(10, '0')}.json`;
const heartbeatFile = (epoch: number) => `${String(epoch).padStart(10, '0')}.heartbeat`;
const releasedFile = (epoch: number) => `${String(epoch).padStart(10, '0')}.released`;

/** The newest claim's epoch; 0 when the folder was never claimed. */
export async function newestEpoch(folder: FolderState): Promise<number> {
  const epochs = (await namesIn(folder.claims)).flatMap((name) => /^(\d{10})\.json$/.exec(name)?.[1] ?? []).map(Number);
  return Math.max(0, ...epochs);
}

/** The newest claim's epoch and its owner, if that one is alive. Both are of one look: who claims next claims `epoch + 1`. */
export async function readClaim(
  folder: FolderState,
  clock: Clock,
): Promise<{ epoch: number; runner: RunnerInfo | null }> {
  const epoch = await newestEpoch(folder);
  if (epoch === 0) return { epoch, runner: null };
  const claim = await readJson(ClaimFile, path.join(folder.claims, claimFile(epoch)));
  if (claim.kind !== 'ok' || (await ended(folder, epoch, claim.value, clock))) return { epoch, runner: null };
  const { process: owner, kind } = claim.value;
  return { epoch, runner: { pid: owner.pid, kind, epoch, host: owner.host } };
}

/** The live runner of a folder, or null. A heartbeat decides; a process that is provably gone needs no waiting. */
export async function readRunner(folder: FolderState, clock: Clock): Promise<RunnerInfo | null> {
  return (await readClaim(folder, clock)).runner;
}

/** Whether a claim's owner left, is provably gone, or has been silent for too long by the wall clock. */
export async function ended(folder: FolderState, epoch: number, claim: ClaimFile, clock: Clock): Promise<boolean> {
  if (await exists(path.join(folder.claims, releasedFile(epoch)))) return true;
  if (await isGone(claim.process)) return true;
  const beat = await lastHeartbeat(folder, epoch);
  return beat !== undefined && clock.now() - beat > silentAfter;
}

/** The time of an epoch's last heartbeat, in milliseconds of the wall clock; the claim's own time when there was none yet. */
export async function lastHeartbeat(folder: FolderState, epoch: number): Promise<number | undefined> {
  for (const name of [heartbeatFile(epoch), claimFile(epoch)]) {
    try {
      return (await fs.stat(path.join(folder.claims, name))).mtimeMs;
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw error;
    }
  }
  return undefined;
}

/** Claims an epoch for this process: exactly one of any number of processes succeeds. */
export async function createClaim(
  folder: FolderState,
  claim: { epoch: number; kind: RunnerKind; program_version: string; process: ProcessIdentity },
  clock: Clock,
): Promise<boolean> {
  const draft = path.join(folder.claims, `.draft-${clock.random()}`);
  const text = JSON.stringify({ version: '1.0', ...claim, claimed_at: isoTime(clock.now()) });
  // Whole when it is linked; after a power cut no claim means anything, so that it isn't forced to the disk.
  await fs.writeFile(draft, `${text}\n`, { flag: 'wx', mode: 0o600 });
  try {
    // link() fails when the name is taken, on every file system that has links at all; rename() would replace it.
    await fs.link(draft, path.join(folder.claims, claimFile(claim.epoch)));
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    await fs.rm(draft, { force: true });
  }
}

/** Whether a newer claim than this epoch stands; the one right after it may have been swept away already. */
export async function superseded(folder: FolderState, epoch: number): Promise<boolean> {
  return (await newestEpoch(folder)) > epoch;
}

export async function beat(folder: FolderState, epoch: number, clock: Clock): Promise<void> {
  const file = path.join(folder.claims, heartbeatFile(epoch));
  await fs.writeFile(file, '', { mode: 0o600 });
  const now = new Date(clock.now());
  await fs.utimes(file, now, now);
}

/** Says that the owner has left, so that the next one need not wait for its silence. */
export async function release(folder: FolderState, epoch: number): Promise<void> {
  await fs.writeFile(path.join(folder.claims, releasedFile(epoch)), '', { mode: 0o600 });
}

/** Removes what is left of claims older than `epoch`, keeping the one just before it. */
export async function sweepClaims(folder: FolderState, epoch: number): Promise<void> {
  for (const name of await namesIn(folder.claims)) {
    const number = /^(\d{10})\./.exec(name)?.[1];
    const old = number !== undefined && Number(number) < epoch - 1;
    if (old || (await isOldDraft(folder, name))) await fs.rm(path.join(folder.claims, name), { force: true });
  }
}

/** A draft of a process that ended before it could claim; one that is being made is younger. */
async function isOldDraft(folder: FolderState, name: string): Promise<boolean> {
  if (!name.startsWith('.draft-')) return false;
  const stat = await fs.lstat(path.join(folder.claims, name)).catch(() => undefined);
  return stat !== undefined && Date.now() - stat.mtimeMs > 60_000;
}

async function exists(file: string): Promise<boolean> {
  try {
    await fs.access(file);
    return true;
  } catch {
    return false;
  }
}
