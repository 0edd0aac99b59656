import { type CleanItem, type CleanKind, cleanKinds } from './item';

/** The items of one kind, as a person is shown them. */
export interface CleanGroup {
  kind: CleanKind;
  title: string;
  items: CleanItem[];
  bytes: number;
  /** How old the newest and the oldest are, in milliseconds. */
  youngest: number;
  oldest: number;
}

const titles: Record<CleanKind, string> = {
  fresh: 'tmux sessions of finished fresh jobs',
  orphan: 'tmux sessions of deleted sessions',
  launch: 'what ended agents left in your own state folder',
  draft: 'folders beside .courier that a cut-off start left',
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
    return [{ kind, title: titles[kind], items: own, bytes, youngest: Math.min(...ages), oldest: Math.max(...ages) }];
  });
}

/** How old the items of a group are: `3 days`, `5 days to 40 days`. */
export function ages({ youngest, oldest }: CleanGroup): string {
  return age(youngest) === age(oldest) ? age(oldest) : `${age(youngest)} to ${age(oldest)}`;
}

/** How long ago something was, in the largest whole unit. */
export interface Age {
  count: number;
  unit: 'minute' | 'hour' | 'day';
}

/** An age of so many milliseconds. */
export function ageOf(ms: number): Age {
  const minutes = Math.max(0, Math.floor(ms / 60_000));
  if (minutes < 60) return { count: minutes, unit: 'minute' };
  if (minutes < 48 * 60) return { count: Math.floor(minutes / 60), unit: 'hour' };
  return { count: Math.floor(minutes / (24 * 60)), unit: 'day' };
}

/** The same in words. */
export function age(ms: number): string {
  const { count, unit } = ageOf(ms);
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

/** A size in bytes, for a person. */
export function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${(bytes / 1000).toFixed(1)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
