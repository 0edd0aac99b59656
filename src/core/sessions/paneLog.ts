import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import type { SessionLayout } from '../store/layout';
import type { LaunchLayout } from '../store/userState';
import { isoTime } from '../support/clock';

/**
 * Writes what tmux pipes to it into the file that the launch folder (its one argument) names. The file is made anew
 * (`set -C`), so that nothing in its place is followed; a write beyond 10 MB (20480 blocks of 512 bytes) ends it.
 */
export const paneLogScript = `#!/bin/sh
umask 077
PATH=/usr/bin:/bin:$PATH
file=$(cat "$1/pane_log" && printf x) || exit 0
ulimit -c 0
ulimit -f 20480
set -C
exec cat >"\${file%x}" 2>/dev/null
`;

/**
 * The shell command for tmux's pipe-pane, which expands formats and times in it before a shell reads it: whatever is
 * not plain in the two paths is written as octal for printf, so that it means nothing to any of the three.
 */
export function paneLogCommand(script: string, launch: LaunchLayout): string {
  return `exec /bin/sh ${shellWord(script)} ${shellWord(launch.dir)}`;
}

function shellWord(text: string): string {
  const plain = [...Buffer.from(text)].map((byte) => {
    const character = String.fromCharCode(byte);
    return /[A-Za-z0-9/._-]/.test(character) ? character : `\\${byte.toString(8).padStart(3, '0')}`;
  });
  return `"$(printf '${plain.join('')}')"`;
}

/** Says in the launch's folder which file a pane's text goes into: a new one in the session's logs. */
export async function namePaneLog(launch: LaunchLayout, session: SessionLayout, now: number): Promise<void> {
  const time = isoTime(now).replace(/[-:Z]/g, '').replace('T', '-').replace('.', '-');
  const file = path.join(session.logs, `pane_${time}_${path.basename(launch.dir)}.log`);
  await fs.writeFile(launch.paneLog, file, { mode: 0o600 });
}
