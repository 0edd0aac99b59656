import { utimesSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import * as v from 'valibot';
import { makeWay, readJson, writeJson } from '../store/jsonFile';
import type { FolderState } from '../store/userState';
import { type FileMark, markOf, putFirst, sameMark } from '../store/wholeFile';
import { type Clock, isoTime } from '../support/clock';
import { CourierError, hasCode } from '../support/errors';
import { ownIdentity, ProcessIdentity, presence } from '../support/processIdentity';

/** How often a monitor says that it lives, and how long one that can't be seen from here may be silent, in milliseconds. */
export const beatEvery = 2000;
export const silentAfter = 8000;

const MonitorRecord = v.looseObject({
  version: v.literal('1.0'),
  state: v.literal('running'),
  process: ProcessIdentity,
  program_version: v.string(),
  started_at: v.string(),
  /** Whether a person started it, or a program because the setting `monitor` is `background`. */
  started_by: v.picklist(['person', 'setting']),
});
/** A monitor, as it wrote itself down. */
export type MonitorRecord = v.InferOutput<typeof MonitorRecord>;

/** `monitor.json` in the user's own state. */
export const MonitorFile = v.variant('state', [
  MonitorRecord,
  v.looseObject({ version: v.literal('1.0'), state: v.literal('stopped'), stopped_at: v.string() }),
]);

/**
 * Whether a folder has a monitor. `silent`: not provably gone, and no beat for a while: it hangs, or its machine slept.
 * `provable`: its process is there beyond doubt, so that it may be sent a signal.
 */
export type MonitorStanding =
  | { kind: 'none' }
  | { kind: 'running' | 'silent'; monitor: MonitorRecord; provable: boolean }
  | { kind: 'dead'; monitor: MonitorRecord }
  /** A person stopped it: nothing starts one again by itself. */
  | { kind: 'stopped'; stopped_at: string };

/** Finds out who is a folder's monitor, from the user's own state alone. Throws `newer` for a file of a later version. */
export async function readMonitor(folder: FolderState, clock: Clock): Promise<MonitorStanding> {
  const read = await readJson(MonitorFile, folder.monitor);
  if (read.kind === 'newer') throw new CourierError('newer', read.message);
  if (read.kind !== 'ok') return { kind: 'none' };
  if (read.value.state === 'stopped') return { kind: 'stopped', stopped_at: read.value.stopped_at };
  const monitor = read.value;
  const seen = await presence(monitor.process);
  const beat = await lastBeat(folder);
  if (seen === 'gone' || beat === left) return { kind: 'dead', monitor };
  return { kind: clock.now() - beat > silentAfter ? 'silent' : 'running', monitor, provable: seen === 'here' };
}

/** A monitor writes the time of each beat as that of its record, and this one when it leaves. */
const left = 0;

async function lastBeat(folder: FolderState): Promise<number> {
  try {
    return (await fs.stat(folder.monitor)).mtimeMs;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return left;
    throw error;
  }
}

/** Remembers that a person wants no monitor; one that runs finds this, and ends. */
export async function markStopped(folder: FolderState, clock: Clock): Promise<void> {
  await makeWay(MonitorFile, folder.monitor, clock.now(), () => {});
  await writeJson(folder.monitor, { version: '1.0', state: 'stopped', stopped_at: isoTime(clock.now()) });
}

/**
 * The place of a folder's one monitor: who stands in monitor.json is the monitor. Whoever finds that it isn't gives way, so
 * that of any number of processes which write themselves in, the last stays; the claim sees to one runner meanwhile.
 */
export class MonitorPost {
  private record: MonitorRecord | undefined;
  /** The file as it was when it held this process's own record, and nobody has written it since. */
  private known: FileMark | undefined;

  constructor(
    private readonly folder: FolderState,
    private readonly clock: Clock,
    private readonly about: Pick<MonitorRecord, 'program_version' | 'started_by'>,
    private readonly say: (message: string) => void = () => {},
  ) {}

  /** Takes the place for this process. Returns who has it instead, when that one is alive and not of an older version. */
  async take(): Promise<MonitorRecord | undefined> {
    const { folder, clock, about } = this;
    for (;;) {
      const standing = await readMonitor(folder, clock);
      if (standing.kind === 'running' && !isOlder(standing.monitor.program_version, about.program_version)) {
        return standing.monitor;
      }
      await makeWay(MonitorFile, folder.monitor, clock.now(), this.say);
      const process = await ownIdentity();
      const record: MonitorRecord = {
        version: '1.0',
        state: 'running',
        process,
        ...about,
        started_at: isoTime(clock.now()),
      };
      if (!(await this.write(record, standing.kind === 'none'))) continue;
      this.record = record;
      return undefined;
    }
  }

  /** Writes the record; where there should be none, false when another was quicker. */
  private async write(record: MonitorRecord, first: boolean): Promise<boolean> {
    const { folder, clock } = this;
    if (!first) {
      await writeJson(folder.monitor, record);
      return true;
    }
    const draft = path.join(folder.dir, `.draft-${clock.random()}`);
    await writeJson(draft, record);
    return putFirst(draft, folder.monitor);
  }

  /** Who has the place now; `newer` is another one of a newer version. */
  async holder(): Promise<'own' | 'other' | 'newer' | 'stopped' | 'nobody'> {
    const mark = await markOf(this.folder.monitor);
    if (mark && sameMark(mark, this.known)) return 'own';
    this.known = undefined;
    const read = await readJson(MonitorFile, this.folder.monitor);
    if (read.kind === 'newer') return 'newer';
    if (read.kind !== 'ok') return 'nobody';
    if (read.value.state === 'stopped') return 'stopped';
    const { process, started_at, program_version } = read.value;
    const own = this.record;
    const same = process.pid === own?.process.pid && process.host === own.process.host && started_at === own.started_at;
    if (same) this.known = mark;
    return same ? 'own' : isOlder(this.about.program_version, program_version) ? 'newer' : 'other';
  }

  /** Says that this process lives, if it has the place. */
  async beat(): Promise<void> {
    if ((await this.holder()) === 'own') await this.touch(this.clock.now());
  }

  /** Says that this process ends. The record stays: to remove it could remove that of the next one. */
  async leave(): Promise<void> {
    if ((await this.holder()) === 'own') await this.touch(left);
  }

  private async touch(ms: number): Promise<void> {
    const { known } = this;
    this.known = undefined;
    try {
      utimesSync(this.folder.monitor, new Date(ms), new Date(ms));
      const now = await markOf(this.folder.monitor);
      // Another one's record, put there in the meantime, is another file.
      if (now?.ino === known?.ino && now?.size === known?.size) this.known = now;
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw error;
    }
  }
}

/** Whether a version (`1.2.3`) comes before another. */
export function isOlder(version: string, than: string): boolean {
  const [a, b] = [version, than].map((text) => text.split(/[.+-]/).map((part) => Number.parseInt(part, 10) || 0));
  const at = [0, 1, 2].find((i) => (a?.[i] ?? 0) !== (b?.[i] ?? 0));
  return at !== undefined && (a?.[at] ?? 0) < (b?.[at] ?? 0);
}
