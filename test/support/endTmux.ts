import { spawnSync } from 'node:child_process';
import { waitFor } from './waitFor';

/**
 * Ends the tmux clients and servers whose socket lies in a folder, and waits until none is left. A program that was killed
 * may have been starting a server, which no call to the socket reaches yet.
 */
export async function endTmux(root: string): Promise<void> {
  const left = () => {
    const { stdout } = spawnSync('ps', ['-A', '-ww', '-o', 'pid=,command='], { encoding: 'utf8', timeout: 30_000 });
    return stdout.split('\n').filter((line) => line.includes(` -S ${root}/`));
  };
  const ended = () => {
    const found = left();
    for (const line of found) kill(Number.parseInt(line, 10));
    return found.length === 0;
  };
  await waitFor(ended, { what: () => `the end of tmux:\n${left().join('\n')}` });
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}
