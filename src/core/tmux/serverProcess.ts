import * as fs from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import * as v from 'valibot';
import { makeWay, readJson, writeJson } from '../store/jsonFile';
import { ensureSocketFolder } from '../store/userState';
import type { Clock } from '../support/clock';
import { hasCode } from '../support/errors';
import { Emitter } from '../support/events';
import { identityOf, isStill, ProcessIdentity } from '../support/processIdentity';
import { until } from '../support/until';

/** `tmux_server.json` in the user's own state. */
export const ServerFile = v.looseObject({ version: v.literal('1.0'), process: ProcessIdentity });

/** How long a server that lives may take to make its socket anew, in milliseconds: on a busy machine more than a second (measured). */
const reviveMs = 10_000;

/**
 * Which process a folder's tmux server is, in the user's own folder. A server whose socket was removed is out of reach
 * and lives all the same; told by SIGUSR1 it makes the socket anew (tmux(1)), so that its agents aren't left without an owner.
 */
export class ServerProcess {
  private known: number | undefined;
  private reviving: Promise<boolean> | undefined;

  constructor(
    private readonly file: string,
    private readonly socket: string,
    private readonly clock: Clock,
    private readonly say: (message: string) => void = () => {},
  ) {}

  /** Notes the process that answers on the socket now. */
  async note(pid: number): Promise<void> {
    if (pid === this.known) return;
    this.known = pid;
    const [noted, process] = await Promise.all([readJson(ServerFile, this.file), identityOf(pid)]);
    // Every runner's start comes by here, and a server outlives many of them.
    if (noted.kind === 'ok' && isDeepStrictEqual(noted.value.process, process)) return;
    if (await makeWay(ServerFile, this.file, this.clock.now(), this.say))
      await writeJson(this.file, { version: '1.0', process });
  }

  /** Brings a server back that could not be reached and may have lost its socket; false when there is none, as far as can be known. */
  revive(): Promise<boolean> {
    this.reviving ??= this.signal().finally(() => {
      this.reviving = undefined;
    });
    return this.reviving;
  }

  private async signal(): Promise<boolean> {
    const read = await readJson(ServerFile, this.file);
    // SIGUSR1 ends a program that doesn't know it: only the very process that was seen as the server may get it.
    const server = read.kind === 'ok' ? read.value.process : undefined;
    if (!server || !(await isStill(server))) return false;
    // Whoever could not reach it a moment before has had it made already.
    if (await this.socketIsThere()) return true;
    // Its folder may have gone with it.
    await ensureSocketFolder(this.socket);
    process.kill(server.pid, 'SIGUSR1');
    const there = async () => {
      if (await this.socketIsThere()) return true;
      return (await isStill(server)) ? undefined : false;
    };
    const waits = { clock: this.clock, wake: new Emitter<void>().event, signal: new AbortController().signal };
    return (await until(there, { ...waits, pollMs: 5, limitMs: reviveMs })) ?? false;
  }

  private async socketIsThere(): Promise<boolean> {
    try {
      await fs.lstat(this.socket);
      return true;
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return false;
      throw error;
    }
  }
}
