import { cleanEnvironment, run } from '../support/process';

/** Nobody waits longer for a look that only informs. */
const timeoutMs = 2000;

/**
 * The last rows with words of what a session's pane shows, by one tmux process of its own, for who does not run the folder;
 * undefined when there is no such session. `tmux` is a full path.
 */
export async function lastLines(
  tmux: string,
  socket: string,
  tmuxSession: string,
  rows: number,
): Promise<string | undefined> {
  const args = ['-u', '-S', socket, 'capture-pane', '-p', '-t', `=${tmuxSession}:`];
  const { failed, stdout } = await run(tmux, args, { timeoutMs, env: cleanEnvironment() });
  if (failed) return undefined;
  const words = stdout.split('\n').filter((row) => /[^─\s]/.test(row));
  return words
    .slice(-rows)
    .map((row) => row.trimEnd())
    .join('\n');
}
