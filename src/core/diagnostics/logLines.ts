import { failReasons, finalStatuses, jobPhases, liveStatuses } from '../model/job';
import { sessionStates } from '../model/session';
import { waitingKinds } from '../model/waiting';

const own = 'renamed restored cleaned up the files of jobs cancelled before it began session fresh → ( ) , :'.split(
  ' ',
);
const vocabulary = [
  ...[...sessionStates, ...liveStatuses, ...finalStatuses, ...jobPhases, ...failReasons, ...waitingKinds],
  ...own,
];

/**
 * A session's log without what others said: screens, answers, file names, commands. Of each line stands its beginning
 * as long as it is made of our own words, numbers and the ids given.
 */
export function plainLog(text: string, ids: readonly string[]): string {
  const known = new Set([...vocabulary, ...ids]);
  const lines = text.split('\n').flatMap((row) => {
    const line = /^(\d{4}-\d\d-\d\dT[\d:.]+Z (?:info|warn|error)) (.*)$/.exec(row);
    // Further rows of a message.
    if (!line) return [];
    const tokens = line[2]!.match(/[A-Za-z0-9][\w-]*|\S/g) ?? [];
    const end = tokens.findIndex((token) => !known.has(token) && !/^\d{1,6}$/.test(token));
    const kept = (end < 0 ? tokens : tokens.slice(0, end)).join(' ');
    return [`${line[1]} ${kept}${end < 0 ? '' : ' …'}`];
  });
  return `${lines.join('\n')}\n`;
}
