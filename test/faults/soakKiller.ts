import { setTimeout as delay } from 'node:timers/promises';
import { readMonitor } from '../../src/core/monitor/post';
import { readRunner } from '../../src/core/runner/claims';
import type { FolderState } from '../../src/core/store/userState';
import { systemClock } from '../../src/core/support/clock';
import type { Process } from '../support/processTable';
import type { SeededRandom } from '../support/seededRandom';
import type { Candidates } from './soakCandidates';
import type { SoakSize } from './soakPlan';

/** What the killer does, each as likely as its weight. */
const weights = {
  'kill runner': 20,
  'stop runner': 14,
  'kill monitor': 10,
  'stop monitor': 6,
  'kill server': 8,
  'stop server': 10,
  'kill agent': 22,
  'stop agent': 10,
};
export type Strike = keyof typeof weights;

/** A strike that met somebody. `launch` is the agent's; times are of the wall clock. */
export interface Struck {
  what: Strike;
  pid: number;
  from: number;
  to: number;
  launch?: string;
}

export const launchOf = (agent: Process): string | undefined =>
  agent.env
    .find((one) => one.startsWith('COURIER_RECEIPTS='))
    ?.split('/')
    .at(-2);

export const isServer = (one: Process): boolean => one.name === 'tmux: server';
export const isAgent = (one: Process): boolean => one.command.includes('demo-agent');

/** Ends, or stops for a while, a random one of runner, monitor, tmux server and agents, again and again. */
export class Killer {
  readonly struck: Struck[] = [];
  private readonly stopped = new Set<Promise<void>>();
  private over = false;

  constructor(
    private readonly parts: {
      random: SeededRandom;
      size: SoakSize;
      folder: FolderState;
      candidates: Candidates;
      processes(): Process[];
    },
  ) {}

  /** Strikes until `end` is called. */
  async run(): Promise<void> {
    const { random, size } = this.parts;
    while (!this.over) {
      await delay(random.between(...size.pause));
      if (!this.over) await this.strike(random.weighted(weights));
    }
  }

  /** Strikes no more; resolves when all that was stopped goes on. */
  async end(): Promise<void> {
    this.over = true;
    await Promise.all(this.stopped);
  }

  private async strike(what: Strike): Promise<void> {
    const { random, size, candidates } = this.parts;
    const victim = await this.find(what);
    if (!victim) return;
    const { pid, launch } = victim;
    const from = Date.now();
    const struck: Struck = { what, pid, launch, from, to: from };
    this.struck.push(struck);
    if (what.startsWith('kill')) {
      candidates.killed.add(pid);
      return send(pid, 'SIGKILL');
    }
    const until = from + random.between(...size.stop);
    struck.to = until;
    const stop = (async () => {
      // tmux wakes a stopped child of its own at once, so that one is stopped again and again.
      for (send(pid, 'SIGSTOP'); Date.now() < until && !this.over; send(pid, 'SIGSTOP')) await delay(10);
      send(pid, 'SIGCONT');
      struck.to = Date.now();
    })().finally(() => this.stopped.delete(stop));
    this.stopped.add(stop);
  }

  private async find(what: Strike): Promise<{ pid: number; launch?: string } | undefined> {
    const { folder, processes, random } = this.parts;
    if (what.endsWith('runner')) {
      const runner = await readRunner(folder, systemClock);
      return runner?.pid ? { pid: runner.pid } : undefined;
    }
    if (what.endsWith('monitor')) {
      const found = await readMonitor(folder, systemClock);
      return 'monitor' in found && found.kind !== 'dead' ? { pid: found.monitor.process.pid } : undefined;
    }
    if (what.endsWith('server')) return processes().find(isServer);
    const agent = random.pick(processes().filter(isAgent));
    return agent && { pid: agent.pid, launch: launchOf(agent) };
  }
}

/** Sends a signal to a process that may have ended. */
export function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended.
  }
}
