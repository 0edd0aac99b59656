import * as path from 'node:path';
import type { Clock } from '../support/clock';
import { type Disposable, DisposableStore } from '../support/disposables';
import { Emitter } from '../support/events';
import { type PathWatcher, watchPaths } from '../support/watch';
import { FolderReader } from './folderReader';
import type { Layout } from './layout';
import { type FolderSnapshot, followStates } from './snapshot';
import type { UserState } from './userState';

export interface FolderViewOptions {
  historyLimit: number;
  /** How often, in milliseconds, the folder is read even when no event came. */
  scanEvery: number;
  usePolling?: boolean;
  onError?: (error: unknown) => void;
  /**
   * The marks of the histories of sessions in whose finished jobs nothing is to be told of, by id: of many sessions those are not
   * read for the first snapshot, and all others are.
   */
  atRest?: ReadonlyMap<string, string>;
}

/** Follows a `.courier` folder from its files alone: what a window shows whether or not it is the runner. */
export class FolderView implements Disposable {
  private readonly own = new DisposableStore();
  private readonly changed = this.own.add(new Emitter<FolderSnapshot>());
  private readonly watched = new Set<string>();
  private watcher: PathWatcher | undefined;
  private reading: Promise<void> | undefined;
  private again = false;
  /** The sessions that an event named since the last look. */
  private named = new Set<string>();
  /** Whether more than those is to be looked at. */
  private whole = true;
  private last: FolderSnapshot | undefined;
  private ended = false;
  /** What was told of watching; of a thousand folders each has the same to say. */
  private readonly told = new Set<string>();
  private readonly reader: FolderReader;

  /** Fires with each snapshot that differs from the one before; what didn't change in it is the same object. */
  readonly onDidChange = this.changed.event;

  constructor(
    private readonly layout: Layout,
    user: UserState,
    private readonly clock: Clock,
    private readonly options: FolderViewOptions,
  ) {
    this.reader = new FolderReader(layout, user, clock, options.historyLimit, followStates(layout, user));
  }

  /** The last snapshot, once `refresh` has run. */
  get snapshot(): FolderSnapshot | undefined {
    return this.last;
  }

  /** Begins to follow, and resolves with the first snapshot that has everything. */
  async start(): Promise<FolderSnapshot> {
    this.own.add(this.clock.every(this.options.scanEvery, () => void this.refresh()));
    await this.refresh();
    return this.last!;
  }

  /** Reads the folder now; calls that come while one reads share one further read. */
  refresh(): Promise<void> {
    this.whole = true;
    return this.read();
  }

  private read(): Promise<void> {
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
      const { named, whole } = this;
      this.named = new Set();
      this.whole = false;
      try {
        this.take(await this.look(named, whole));
        if (this.last?.partial) this.again = true;
      } catch (error) {
        this.whole = true;
        this.options.onError?.(error);
      }
    } while (this.again);
  }

  private async look(named: ReadonlySet<string>, whole: boolean): Promise<FolderSnapshot> {
    // Watched first: what changes after it was read is an event then.
    if (!this.last) return this.reader.first((id) => this.watch(id), this.options.atRest);
    if (this.last.partial) {
      await this.reader.readRest((id) => this.watch(id));
      // Sessions that came meanwhile were no event.
      return this.reader.look(named, 'changed');
    }
    return whole ? this.reader.look(named) : this.reader.lookAt(named);
  }

  private take(snapshot: FolderSnapshot): void {
    // Each of what was only glanced at is watched when it's read.
    if (snapshot.standing.kind === 'own' && !snapshot.partial && !this.ended) this.watchAll();
    if (snapshot === this.last) return;
    this.last = snapshot;
    this.changed.fire(snapshot);
  }

  private watchAll(): void {
    this.watcher ??= this.begin();
    const present = new Set(this.reader.folders);
    for (const id of this.watched) if (!present.has(id)) this.leave(id);
    for (const id of present) {
      if (this.watched.has(id)) continue;
      this.watch(id);
      // What was written between its reading and its watching was no event.
      this.hear(this.layout.session(id).metadata);
    }
  }

  /** Watches the small state files only; prompts, outputs and logs can be many and say nothing here. */
  private begin(): PathWatcher {
    const own = new Set(['metadata.json', 'job_queue.json']);
    const { active } = this.layout;
    const watcher = watchPaths([active], (file) => this.hear(file), {
      ignored: (file) => file !== active && path.dirname(file) !== active && !own.has(path.basename(file)),
      usePolling: this.options.usePolling,
      onError: (error) => this.tellOnce(error),
    });
    return this.own.add(watcher);
  }

  private tellOnce(error: unknown): void {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    if (this.told.has(code)) return;
    this.told.add(code);
    this.options.onError?.(error);
  }

  private watch(id: string): void {
    if (this.ended) return;
    this.watcher ??= this.begin();
    this.watched.add(id);
    this.watcher.add(this.layout.session(id).dir);
  }

  private leave(id: string): void {
    this.watched.delete(id);
    this.watcher?.remove(this.layout.session(id).dir);
  }

  private hear(file: string): void {
    const id = path.basename(path.dirname(file));
    if (path.dirname(path.dirname(file)) === this.layout.active && this.watched.has(id)) this.named.add(id);
    else this.whole = true;
    void this.read();
  }

  dispose(): void {
    this.ended = true;
    this.own.dispose();
  }
}
