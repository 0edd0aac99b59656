import { type FSWatcher, statSync, watch } from 'node:fs';
import * as path from 'node:path';
import type { Disposable } from './disposables';
import { hasCode } from './errors';

/** How often a folder that isn't there, or can't be watched, is tried again, in milliseconds. */
const retryMs = 500;

/**
 * Calls back with the path of each entry of one folder that appears, changes or goes: the system's own events, with no look
 * at the folder behind them. A folder that goes and comes back is watched again.
 */
export class FolderWatch implements Disposable {
  private watcher: FSWatcher | undefined;
  private ino = 0n;
  private retry: NodeJS.Timeout | undefined;
  private told: string | undefined;
  private ended = false;

  constructor(
    private readonly dir: string,
    private readonly onPath: (path: string) => void,
    private readonly onError: (error: unknown) => void,
  ) {
    this.begin();
  }

  dispose(): void {
    this.ended = true;
    this.leave();
  }

  private begin(): void {
    try {
      this.ino = statSync(this.dir, { bigint: true }).ino;
      this.watcher = watch(this.dir, { persistent: false }, (_event, name) => this.see(name));
      this.watcher.on('error', (error) => this.fail(error));
    } catch (error) {
      this.fail(error);
    }
  }

  private see(name: string | null): void {
    // An event of the folder itself bears its own name.
    if (name === null || name === path.basename(this.dir)) this.check();
    this.onPath(name === null ? this.dir : path.join(this.dir, name));
  }

  /** Whether the same folder still stands there, and may be looked at. */
  private check(): void {
    try {
      if (statSync(this.dir, { bigint: true, throwIfNoEntry: false })?.ino !== this.ino) this.fail();
    } catch (error) {
      this.fail(error);
    }
  }

  /** Each problem is told once; a folder that isn't there is none. */
  private fail(error?: unknown): void {
    this.leave();
    if (this.ended) return;
    if (error !== undefined && !hasCode(error, 'ENOENT') && this.told !== String(error)) {
      this.told = String(error);
      this.onError(error);
    }
    this.retry = setTimeout(() => {
      this.begin();
      // What came into it before it was watched was no event.
      if (this.watcher) this.onPath(this.dir);
    }, retryMs).unref();
  }

  private leave(): void {
    clearTimeout(this.retry);
    this.watcher?.close();
    this.watcher = undefined;
  }
}
