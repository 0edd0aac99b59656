import { lstatSync } from 'node:fs';
import * as path from 'node:path';
import { hasCode } from '../support/errors';
import type { SessionLayout } from './layout';

const monthPattern = /^\d{4}-\d{2}\.jsonl$/;

/** The files of a history among the names in its folder, newest first. */
export function monthsAmong(names: readonly string[]): string[] {
  return names
    .filter((name) => monthPattern.test(name))
    .sort()
    .reverse();
}

/**
 * A text for how a session's history stands, given the name of its newest month (undefined for none): another one when a job has
 * ended since, whose line makes that file longer or begins another. Taken before the history is read, it tells later whether what
 * was read is still all. Times are those of the file system, to the nanosecond.
 */
export function historyMark(session: SessionLayout, month: string | undefined): string {
  const places =
    month === undefined ? [session.historyDir] : [session.historyDir, path.join(session.historyDir, month)];
  return [month ?? '', ...places.map(markOf)].join(' ');
}

/** Whether a session's history stands as it did when it was given this mark. Never throws. */
export function isAsMarked(session: SessionLayout, mark: string): boolean {
  const [month = ''] = mark.split(' ');
  if (month !== '' && !monthPattern.test(month)) return false;
  try {
    return historyMark(session, month || undefined) === mark;
  } catch {
    return false;
  }
}

function markOf(place: string): string {
  try {
    const { ino, size, mtimeNs } = lstatSync(place, { bigint: true });
    return `${ino}:${size}:${mtimeNs}`;
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return '';
    throw error;
  }
}
