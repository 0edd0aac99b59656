import * as path from 'node:path';
import type { ClaudeCourier } from '../support/claudeCourier';
import { noteEvents } from './noteEvents';
import { startOf } from './processes';
import { receiptTimesIn } from './receiptTimes';

/** Notes when a session's CLI says that it has started; to be made before that. Our own receipt of it goes when a line is typed. */
export class StartTime {
  private readonly dir: string;

  constructor(private readonly claude: ClaudeCourier) {
    this.dir = path.join(claude.courier.root, 'noted');
    noteEvents(claude.home, this.dir, ['SessionStart']);
  }

  /** When the CLI's process began and when it said so by its SessionStart (ms since the epoch), and what lies between. */
  async times(): Promise<{ launched: number; started: number; took: number }> {
    const started = receiptTimesIn(this.dir).SessionStart;
    if (started === undefined) throw new Error('no SessionStart was noted');
    const launched = startOf(await this.claude.pid());
    return { launched, started, took: started - launched };
  }
}
