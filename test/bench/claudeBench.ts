import { writeSettings } from '../../src/core/store/settings';
import { ClaudeCourier } from '../support/claudeCourier';
import type { Script } from '../support/messagesTurns';
import { RunnerProcess } from '../support/runnerProcess';
import { Completions } from './completions';
import { prompt } from './model';
import { quiet } from './processes';
import { type ReceiptTimes, receiptTimes, turnTime } from './receiptTimes';

/** One job as it was measured, in milliseconds. */
export interface MeasuredJob {
  /** From the request to the client's knowledge that it is completed. */
  total: number;
  /** The CLI's own time, from taking the line to the end of its turn. */
  turn: number;
  /** From the request to the CLI's receipt for the line, and from the end of the turn to the client's knowledge. */
  before: number;
  after: number;
  /** When it was requested (ms since the epoch). */
  requested: number;
  receipts: ReceiptTimes;
}

/** A workspace with the real Claude Code, its runner in a process of its own, and this process as its client. */
export class ClaudeBench {
  private constructor(
    readonly claude: ClaudeCourier,
    private readonly runner: RunnerProcess | undefined,
    private readonly completions: Completions,
  ) {}

  /** Makes it, with the settings of a fresh install and no session yet. `runner: false` leaves the runner to a command. */
  static async create(script: Script, { runner = true } = {}): Promise<ClaudeBench> {
    const claude = await ClaudeCourier.create({ script, settings: { scan_interval_s: 2 } });
    const { courier } = claude;
    await writeSettings(courier.user, courier.settings);
    const process = runner ? await RunnerProcess.start(courier, ['monitor']) : undefined;
    return new ClaudeBench(claude, process, await Completions.open(courier));
  }

  /** Starts the session by a first job. */
  async warm(): Promise<void> {
    await this.send();
    await this.settled();
  }

  /** Sends the prompt and waits until it is seen as completed. */
  async send(): Promise<MeasuredJob> {
    const { courier } = this.claude;
    const requested = Date.now();
    const start = performance.now();
    const id = await courier.client.send({ session_id: 'main', requested_by: 'bench', prompt: { text: prompt } });
    const seen = await this.completions.completed(id);
    const receipts = receiptTimes(courier);
    return {
      total: seen.at - start,
      turn: turnTime(receipts),
      before: receipts.UserPromptSubmit! - requested,
      after: seen.wall - receipts.Stop!,
      requested,
      receipts,
    };
  }

  /** Waits until the session is ready and its CLI does nothing: what it does for itself after a turn is no part of the next. */
  async settled(): Promise<void> {
    await this.completions.ready();
    await quiet(await this.claude.pid());
  }

  async stop(): Promise<void> {
    this.completions.stop();
    await this.runner?.end();
    await this.claude.stop();
  }
}

/** Runs some work with such a workspace, which is gone afterwards. */
export async function withClaude<T>(
  script: Script,
  work: (bench: ClaudeBench) => Promise<T>,
  options?: { runner?: boolean },
): Promise<T> {
  const bench = await ClaudeBench.create(script, options);
  try {
    return await work(bench);
  } finally {
    await bench.stop();
  }
}
