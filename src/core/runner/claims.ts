import { statSync, utimesSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import * as v from 'valibot';
import { readJson } from '../store/jsonFile';
import { defaultSettings } from '../store/settings';
import { type FolderState, fewNamesIn } from '../store/userState';
import { isThere, putFirst } from '../store/wholeFile';
import type { Clock } from '../support/clock';
import { isoTime } from '../support/clock';
import { hasCode } from '../support/errors';
import { isFromBefore, isGone, ProcessIdentity } from '../support/processIdentity';
import { byWallClock, type Silence } from './silence';

export const runnerKinds = ['window', 'background', 'cli'] as const;
export type RunnerKind = (typeof runnerKinds)[number];

/**
 * What is read of a claim, whatever version wrote it. A newer program may own the folder, so that no field must be there;
 * the claim stands as long as its heartbeat says so.
 */
export const ClaimFile = v.looseObject({
  kind: v.fallback(v.nullable(v.picklist(runnerKinds)), null),
  program_version: v.fallback(v.nullable(v.string()), null),
  process: v.fallback(v.nullable(ProcessIdentity), null),
  /** How long its owner may be silent; each claim says it for itself, so that programs with other settings agree on it. */
  takeover_after_s: v.fallback(
    v.pipe(v.number(), v.minValue(0.1), v.maxValue(604_800)),
    defaultSettings().takeover_after_s,
  ),
});
type ClaimFile = v.InferOutput<typeof ClaimFile>;

/** Who runs a folder's jobs. Null is what a claim doesn't tell, since it is unreadable or of a newer version. */
export interface RunnerInfo {
  pid: number | null;
  kind: RunnerKind | null;
  epoch: number;
  host: string | null;
  program_version: string | null;
}

export const claimFile = (epoch: number) => `${String(epoch).padStart(10, '0')}.json`;
const heartbeatFile = (epoch: number) => `${String(epoch).padStart(10, '0')}.heartbeat`;
const releasedFile = (epoch: number) => `${String(epoch).padStart(10, '0')}.released`;

/** The newest claim's epoch; 0 when the folder was never claimed. */
export async function newestEpoch(folder: FolderState): Promise<number> {
  const epochs = fewNamesIn(folder.claims)
    .flatMap((name) => /^(\d{10})\.json$/.exec(name)?.[1] ?? [])
    .map(Number);
  return Math.max(0, ...epochs);
}

/** The newest claim's epoch and its owner, if that one is alive. Both are of one look: who claims next claims `epoch + 1`. */
export async function readClaim(
  folder: FolderState,
  clock: Clock,
  silence: Silence,
): Promise<{ epoch: number; runner: RunnerInfo | null }> {
  const epoch = await newestEpoch(folder);
  if (epoch === 0) return { epoch, runner: null };
  const read = await readJson(ClaimFile, path.join(folder.claims, claimFile(epoch)));
  const claim = read.kind === 'ok' ? read.value : v.parse(ClaimFile, {});
  if (await ended(folder, epoch, claim, clock, silence)) return { epoch, runner: null };
  const { process: owner, kind, program_version } = claim;
  return { epoch, runner: { pid: owner?.pid ?? null, kind, epoch, host: owner?.host ?? null, program_version } };
}

/** The live runner of a folder, or null. A heartbeat decides; a process that is provably gone needs no waiting. */
export async function readRunner(
  folder: FolderState,
  clock: Clock,
  silence = byWallClock(clock),
): Promise<RunnerInfo | null> {
  return (await readClaim(folder, clock, silence)).runner;
}

/** Whether a claim's owner left, is provably gone, or has been silent for too long. */
async function ended(
  folder: FolderState,
  epoch: number,
  claim: ClaimFile,
  clock: Clock,
  silence: Silence,
): Promise<boolean> {
  if (await isThere(path.join(folder.claims, releasedFile(epoch)))) return true;
  if (claim.process && (await isGone(claim.process))) return true;
  const beat = (await lastHeartbeat(folder, epoch)) ?? 0;
  const limit = claim.takeover_after_s * 1000;
  // Two machines may have one name, so that another boot alone proves nothing; with a silence it does.
  if (claim.process && (await isFromBefore(claim.process)) && byWallClock(clock)(epoch, beat, limit)) return true;
  return silence(epoch, beat, limit);
}

/** The time of an epoch's last heartbeat, in milliseconds of its owner's wall clock; the claim's own time when there was none yet. */
export async function lastHeartbeat(folder: FolderState, epoch: number): Promise<number | undefined> {
  for (const name of [heartbeatFile(epoch), claimFile(epoch)]) {
    try {
      return statSync(path.join(folder.claims, name)).mtimeMs;
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw error;
    }
  }
  return undefined;
}

/** Claims an epoch for this process: exactly one of any number of processes succeeds. */
export async function createClaim(
  folder: FolderState,
  claim: {
    epoch: number;
    kind: RunnerKind;
    program_version: string;
    process: ProcessIdentity;
    takeover_after_s?: number;
  },
  clock: Clock,
): Promise<boolean> {
  const draft = path.join(folder.claims, `.draft-${clock.random()}`);
  const text = JSON.stringify({ version: '1.0', ...claim, claimed_at: isoTime(clock.now()) });
  // Whole when it is linked; after a power cut no claim means anything, so that it isn't forced to the disk.
  await fs.writeFile(draft, `${text}\n`, { flag: 'wx', mode: 0o600 });
  return putFirst(draft, path.join(folder.claims, claimFile(claim.epoch)));
}

/** Whether this epoch's claim isn't the newest any more; the one right after it may have been swept away already. */
export async function superseded(folder: FolderState, epoch: number): Promise<boolean> {
  return (await newestEpoch(folder)) !== epoch;
}

/** Says that the owner lives: for its epoch, and in `alive` for those that ask only whether anybody does. */
export async function beat(folder: FolderState, epoch: number, clock: Clock): Promise<void> {
  const now = new Date(clock.now());
  for (const file of [path.join(folder.claims, heartbeatFile(epoch)), folder.alive]) {
    try {
      utimesSync(file, now, now);
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw error;
      await fs.writeFile(file, '', { mode: 0o600 });
      utimesSync(file, now, now);
    }
  }
}

/** Says that the owner has left, so that the next one need not wait for its silence. Its last heartbeat must be over. */
export async function release(folder: FolderState, epoch: number): Promise<void> {
  if (!(await superseded(folder, epoch))) await fs.rm(folder.alive, { force: true });
  await fs.writeFile(path.join(folder.claims, releasedFile(epoch)), '', { mode: 0o600 });
}

/** Removes what is left of claims older than `epoch`, keeping the one just before it. */
export async function sweepClaims(folder: FolderState, epoch: number): Promise<void> {
  for (const name of fewNamesIn(folder.claims)) {
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
