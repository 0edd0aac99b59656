import * as path from 'node:path';
import type { Clock } from '../support/clock';
import { type Disposable, DisposableStore } from '../support/disposables';
import { Emitter } from '../support/events';
import { type PathWatcher, watchPaths } from '../support/watch';
import type { Layout } from './layout';
import { type FolderSnapshot, readSnapshot } from './snapshot';
import type { UserState } from './userState';

export interface FolderViewOptions {
  historyLimit: number;
  /** How often, in milliseconds, the folder is read even when no event came. */
  scanEvery: number;
  usePolling?: boolean;
  onError?: (error: unknown) => void;
}

/** Follows a `.courier` folder from its files alone: what a window shows whether or not it is the runner. */
export class FolderView implements Disposable {
  private readonly own = new DisposableStore();
  private readonly changed = this.own.add(new Emitter<FolderSnapshot>());
  private readonly watching = this.own.add(new DisposableStore());
  private watcher: PathWatcher | undefined;
  private reading: Promise<void> | undefined;
  private again = false;
  private last: FolderSnapshot | undefined;
  private lastText = '';

  /** Fires with each snapshot that differs from the one before. */
  readonly onDidChange = this.changed.event;

  constructor(
    private readonly layout: Layout,
    private readonly user: UserState,
    private readonly clock: Clock,
    private readonly options: FolderViewOptions,
  ) {}

  /** The last snapshot, once `refresh` has run. */
  get snapshot(): FolderSnapshot | undefined {
    return this.last;
  }

  /** Begins to follow, and resolves with the first snapshot. */
  async start(): Promise<FolderSnapshot> {
    this.own.add(this.clock.every(this.options.scanEvery, () => void this.refresh()));
    await this.refresh();
    return this.last!;
  }

  /** Reads the folder now; calls that come while one reads share one further read. */
  refresh(): Promise<void> {
    if (this.reading) {
      this.again = true;
      return this.reading;
    }
    this.reading = this.readUntilSettled().finally(() => {
      this.reading = undefined;
    });
    return this.reading;
  }

  private async readUntilSettled(): Promise<void> {
    do {
      this.again = false;
      try {
        const snapshot = await readSnapshot(this.layout, this.user, this.clock, this.options);
        if (snapshot.standing.kind === 'own') this.watch();
        const text = JSON.stringify(snapshot);
        if (text === this.lastText) continue;
        this.lastText = text;
        this.last = snapshot;
        this.changed.fire(snapshot);
      } catch (error) {
        this.options.onError?.(error);
      }
    } while (this.again);
  }

  /** Watches the small state files only; prompts, outputs and logs can be many and say nothing here. */
  private watch(): void {
    if (this.watcher) return;
    const bulky = new Set(['prompts', 'output', 'logs', 'history', 'state']);
    this.watcher = watchPaths([this.layout.active], () => void this.refresh(), {
      depth: 1,
      ignored: (file) => bulky.has(path.basename(file)) && path.dirname(path.dirname(file)) === this.layout.active,
      usePolling: this.options.usePolling,
      onError: this.options.onError,
    });
    this.watching.add(this.watcher);
  }

  dispose(): void {
    this.own.dispose();
  }
}
