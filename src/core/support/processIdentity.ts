import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import * as v from 'valibot';
import { hasCode } from './errors';

/** A process that can be told from a later one with the same number. `scope` names the boot and pid namespace where the number holds. */
export const ProcessIdentity = v.looseObject({
  pid: v.number(),
  host: v.string(),
  start_time: v.optional(v.string()),
  scope: v.optional(v.string()),
});
export type ProcessIdentity = v.InferOutput<typeof ProcessIdentity>;

/** This process. Outside of Linux only pid and host are known. */
export async function ownIdentity(): Promise<ProcessIdentity> {
  return { pid: process.pid, host: os.hostname(), start_time: await startTime(process.pid), scope: await pidScope() };
}

/** Whether a process is provably gone; false when this can't be known from here. */
export async function isGone(identity: ProcessIdentity): Promise<boolean> {
  const scope = await pidScope();
  if (scope === undefined || identity.scope !== scope || identity.start_time === undefined) return false;
  return (await startTime(identity.pid)) !== identity.start_time;
}

/** Field 22 of /proc/PID/stat (proc(5)): clock ticks after boot; undefined when there is no such process. */
async function startTime(pid: number): Promise<string | undefined> {
  try {
    const stat = await fs.readFile(`/proc/${pid}/stat`, 'utf8');
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
