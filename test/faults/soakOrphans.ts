import { setTimeout as delay } from 'node:timers/promises';
import type { Process } from '../support/processTable';
import { isAgent, isServer } from './soakKiller';

/** For how long an agent may outlive its tmux server, in milliseconds: what a session's next start waits for it, and a busy machine. */
const most = 8000;

/** Watches for agents whose tmux server is gone. */
export class Orphans {
  private readonly since = new Map<number, number>();
  private readonly told = new Set<number>();
  private over = false;
  /** How long, in milliseconds, the slowest one was seen to take. */
  longest = 0;
  /** Those that took too long. */
  readonly found: string[] = [];

  constructor(private readonly processes: () => Process[]) {}

  /** Looks again and again until `end`. */
  async watch(): Promise<void> {
    for (; !this.over; await delay(500)) this.look();
  }

  end(): void {
    this.over = true;
  }

  private look(): void {
    const all = this.processes();
    const servers = new Set(all.filter(isServer).map(({ pid }) => pid));
    const orphans = all.filter((one) => isAgent(one) && !servers.has(one.parent));
    for (const { pid, state, command } of orphans) {
      const age = Date.now() - (this.since.get(pid) ?? Date.now());
      if (age === 0) this.since.set(pid, Date.now());
      this.longest = Math.max(this.longest, age);
      if (age < most || this.told.has(pid)) continue;
      this.told.add(pid);
      this.found.push(`agent ${pid} (${state}) outlived its tmux server for ${age} ms: ${command}`);
    }
    for (const pid of this.since.keys()) if (!orphans.some((one) => one.pid === pid)) this.since.delete(pid);
  }
}
