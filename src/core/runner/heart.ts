import type { FolderState } from '../store/userState';
import type { Clock } from '../support/clock';
import type { Disposable } from '../support/disposables';
import type { Log } from '../support/log';
import { beat } from './claims';

/** Says at each interval (milliseconds) that an epoch's owner lives. */
export class Heart {
  private readonly timer: Disposable;
  private beating: Promise<void>;

  constructor(
    private readonly folder: FolderState,
    private readonly epoch: number,
    private readonly context: { clock: Clock; log: Log },
    everyMs: number,
  ) {
    this.beating = this.beat();
    this.timer = context.clock.every(everyMs, () => {
      this.beating = this.beating.then(() => this.beat());
    });
  }

  private beat(): Promise<void> {
    const { clock, log } = this.context;
    return beat(this.folder, this.epoch, clock).catch((error) =>
      log.error('the heartbeat could not be written', error),
    );
  }

  /** Resolves when the last heartbeat is over. */
  async stop(): Promise<void> {
    this.timer.dispose();
    await this.beating;
  }
}
