import type { FSWatcher } from 'chokidar';
import type { Disposable } from './disposables';
import { FolderWatch } from './watchFolder';

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

/** Calls back with each path below `folders` that appears, changes or goes. Events can be lost by the system: a slow scan must stand beside it. */
export function watchPaths(folders: string[], onPath: (path: string) => void, options: WatchOptions = {}): PathWatcher {
  // chokidar reads a whole folder at each of its events, which grows with what stands in it; only trees and polling need it.
  return options.depth || options.usePolling
    ? watchTrees(folders, onPath, options)
    : watchFolders(folders, onPath, options);
}

function watchFolders(folders: string[], onPath: (path: string) => void, options: WatchOptions): PathWatcher {
  const { ignored = () => false, onError = () => {} } = options;
  const own = new Map<string, FolderWatch>();
  const take = (path: string) => {
    if (!ignored(path)) onPath(path);
  };
  const add = (folder: string) => {
    if (!own.has(folder)) own.set(folder, new FolderWatch(folder, take, onError));
  };
  const remove = (folder: string) => {
    own.get(folder)?.dispose();
    own.delete(folder);
  };
  for (const folder of folders) add(folder);
  return {
    ready: Promise.resolve(),
    add,
    remove,
    dispose() {
      for (const folder of [...own.keys()]) remove(folder);
    },
  };
}

function watchTrees(folders: string[], onPath: (path: string) => void, options: WatchOptions): PathWatcher {
  let ended = false;
  // Without one, which is told, the slow scan is left.
  const watcher = makeWatcher(folders, onPath, options).catch((error) => options.onError?.(error));
  const now = (act: (made: FSWatcher) => unknown) => void watcher.then((made) => ended || (made && act(made)));
  return {
    ready: watcher.then((made) => made && new Promise((resolve) => void made.once('ready', () => resolve()))),
    add: (path) => now((made) => made.add(path)),
    remove: (path) => now((made) => made.unwatch(path)),
    dispose() {
      ended = true;
      return watcher.then((made) => made?.close());
    },
  };
}

async function makeWatcher(
  folders: string[],
  onPath: (path: string) => void,
  options: WatchOptions,
): Promise<FSWatcher> {
  // A file of its own (esbuild.js): most need none of it.
  const { watch } = await import('chokidar');
  const watcher = watch(folders, {
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
  return watcher;
}
