import { ProgramNotFound, search, whereWords } from '../support/findExecutable';

/** What a person can do who has no tmux. */
export const tmuxAdvice =
  'Install it (Debian, Ubuntu: apt-get install tmux; Fedora: dnf install tmux; macOS: brew install tmux), or set courier.tmuxPath to where it is.';

/** The full path of tmux, from the setting that names it. Throws ProgramNotFound with `no_tmux`. */
export async function findTmux(tmuxPath: string, env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const { file, looked } = await search(tmuxPath, env);
  if (file) return file;
  throw new ProgramNotFound(
    'no_tmux',
    `There is no program "${tmuxPath}"${whereWords(looked)}, and without tmux nothing can run. ${tmuxAdvice}`,
    looked,
  );
}
