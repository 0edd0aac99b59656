import { type FSWatcher, watch } from 'chokidar';
import type { Disposable } from './disposables';

/** Watched paths; more can be added while it runs. */
export interface PathWatcher extends Disposable {
  /** Resolves when what was asked for first is being watched. */
  readonly ready: Promise<void>;
  add(path: string): void;
  remove(path: string): void;
}

export interface WatchOptions {
  /** How many levels of folders below a watched folder; 0 is the folder's own entries. */
  depth?: number;
  /** Paths that aren't looked at at all, and folders that aren't entered. */
  ignored?: (path: string) => boolean;
  /** For file systems that give no events. */
  usePolling?: boolean;
  onError?: (error: unknown) => void;
}

/** Calls back with each path below `paths` that appears, changes or goes. Events can be lost by the system: a slow scan must stand beside it. */
export function watchPaths(paths: string[], onPath: (path: string) => void, options: WatchOptions = {}): PathWatcher {
  const watcher: FSWatcher = watch(paths, {
    ignoreInitial: true,
    // Closed at the moment at which it begins to watch a folder, chokidar 5 loses that watch, and the process would never end.
    persistent: false,
    depth: options.depth ?? 0,
    ignored: options.ignored ? (path) => options.ignored!(path) : [],
    usePolling: options.usePolling ?? false,
    interval: 200,
    atomic: false,
    ignorePermissionErrors: true,
  });
  watcher.on('all', (_event, path) => onPath(path));
  watcher.on('error', (error) => options.onError?.(error));
  return {
    ready: new Promise((resolve) => {
      watcher.once('ready', () => resolve());
    }),
    add: (path) => void watcher.add(path),
    remove: (path) => void watcher.unwatch(path),
    dispose: () => watcher.close(),
  };
}
