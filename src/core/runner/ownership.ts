import { FolderPlace } from '../store/folderPlace';
import type { Layout } from '../store/layout';
import type { FolderState, Registration } from '../store/userState';
import { CourierError } from '../support/errors';
import type { Log } from '../support/log';
import { superseded } from './claims';

/** Whether a runner still owns its folder: its claim is the newest, and the folder is still the one that it claimed. */
export class Ownership {
  private readonly place: FolderPlace;
  private replaced = false;

  constructor(
    private readonly layout: Layout,
    private readonly registration: Registration,
    private readonly folder: FolderState,
    private readonly epoch: number,
    private readonly log: Log,
  ) {
    this.place = new FolderPlace(layout, registration.folder_id);
  }

  /** Throws `superseded` when it doesn't. */
  async guard(): Promise<void> {
    if (!this.replaced) await this.checkPlace();
    if (!this.replaced && !(await superseded(this.folder, this.epoch))) return;
    throw new CourierError('superseded', 'Another Tmux Courier has taken this folder over.');
  }

  /** Whoever deleted this folder and sent something made another one, with claims and a tmux server of its own. */
  private async checkPlace(): Promise<void> {
    if ((await this.place.look()) !== 'another' || this.replaced) return;
    this.replaced = true;
    this.log.warn(
      `${this.layout.root} was deleted, and another one stands there now, which is taken up anew. What still runs of the old one is left alone; see it with: tmux -S ${this.registration.socket} attach`,
    );
  }
}
