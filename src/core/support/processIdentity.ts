import { readFileSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import * as v from 'valibot';
import { hasCode } from './errors';

/** A process that can be told from a later one with the same number. `scope` names the boot and pid namespace where the number holds. */
export const ProcessIdentity = v.looseObject({
  // 0 and below would be a group of processes.
  pid: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  host: v.string(),
  start_time: v.optional(v.string()),
  scope: v.optional(v.string()),
});
export type ProcessIdentity = v.InferOutput<typeof ProcessIdentity>;

/** This process. Outside of Linux only pid and host are known. */
export function ownIdentity(): Promise<ProcessIdentity> {
  return identityOf(process.pid);
}

/** A process of this machine that is known to live now. */
export async function identityOf(pid: number): Promise<ProcessIdentity> {
  return { pid, host: os.hostname(), start_time: await startTime(pid), scope: await pidScope() };
}

/** Whether a process is provably still the one that it was; false when this can't be known from here. */
export async function isStill(identity: ProcessIdentity): Promise<boolean> {
  if (identity.start_time === undefined || identity.scope === undefined) return false;
  return identity.scope === (await pidScope()) && identity.start_time === (await startTime(identity.pid));
}

/** Whether a process is provably gone; false when this can't be known from here. */
export async function isGone(identity: ProcessIdentity, scope = pidScope()): Promise<boolean> {
  return (await presence(identity, scope)) === 'gone';
}

/** Whether a process is provably the same that is meant, or provably gone; `unknown` for another host or pid namespace, and for one whose start is not known. */
export async function presence(identity: ProcessIdentity, scope = pidScope()): Promise<'here' | 'gone' | 'unknown'> {
  const here = await scope;
  // A system without /proc has one set of process numbers for all its programs.
  if (here === undefined) {
    const own = identity.scope === undefined && identity.host === os.hostname();
    return own && !exists(identity.pid) ? 'gone' : 'unknown';
  }
  if (identity.scope !== here || identity.start_time === undefined) return 'unknown';
  return (await startTime(identity.pid)) === identity.start_time ? 'here' : 'gone';
}

/** Whether a process was of an earlier boot of a machine that has this one's name. */
export async function isFromBefore(identity: ProcessIdentity): Promise<boolean> {
  const [boot] = (await pidScope())?.split(' ') ?? [];
  const [then] = identity.scope?.split(' ') ?? [];
  return identity.host === os.hostname() && boot !== undefined && then !== undefined && boot !== then;
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return !hasCode(error, 'ESRCH');
  }
}

/** Field 22 of /proc/PID/stat (proc(5)): clock ticks after boot; undefined when there is no such process. */
async function startTime(pid: number): Promise<string | undefined> {
  try {
    // Not of a disk, so that it can't block; waiting for it takes several times as long as reading it.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is a name in parentheses that may itself hold spaces and parentheses.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH', 'EACCES')) return undefined;
    throw error;
  }
}

let knownScope: Promise<string | undefined> | undefined;

function pidScope(): Promise<string | undefined> {
  knownScope ??= (async () => {
    try {
      const boot = await fs.readFile('/proc/sys/kernel/random/boot_id', 'utf8');
      return `${boot.trim()} ${await fs.readlink('/proc/self/ns/pid')}`;
    } catch {
      return undefined;
    }
  })();
  return knownScope;
}
