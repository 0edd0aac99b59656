import { type CleanItem, type CleanKind, cleanKinds } from './item';

/** The items of one kind, as a person is shown them. */
export interface CleanGroup {
  kind: CleanKind;
  title: string;
  items: CleanItem[];
  bytes: number;
  /** How old the oldest and the newest are: `3 days`, `5 to 40 days`. */
  age: string;
}

const titles: Record<CleanKind, string> = {
  fresh: 'tmux sessions of finished fresh jobs',
  orphan: 'tmux sessions of deleted sessions',
  launch: 'what ended agents left in your own state folder',
  temporary: 'temporary files',
  job: 'prompts and answers of old jobs',
  log: 'old logs',
};

/** A plan by kind. */
export function groupItems(items: readonly CleanItem[], now: number): CleanGroup[] {
  return cleanKinds.flatMap((kind) => {
    const own = items.filter((item) => item.kind === kind);
    if (own.length === 0) return [];
    const bytes = own.reduce((sum, item) => sum + item.bytes, 0);
    const ages = own.map((item) => now - item.changed);
    return [{ kind, title: titles[kind], items: own, bytes, age: between(Math.min(...ages), Math.max(...ages)) }];
  });
}

function between(youngest: number, oldest: number): string {
  return age(youngest) === age(oldest) ? age(oldest) : `${age(youngest)} to ${age(oldest)}`;
}

/** How long ago, in the largest whole unit. */
export function age(ms: number): string {
  const minutes = Math.max(0, Math.floor(ms / 60_000));
  const [count, unit] =
    minutes < 60
      ? [minutes, 'minute']
      : minutes < 48 * 60
        ? [Math.floor(minutes / 60), 'hour']
        : [Math.floor(minutes / (24 * 60)), 'day'];
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

/** A size in bytes, for a person. */
export function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${(bytes / 1000).toFixed(1)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
