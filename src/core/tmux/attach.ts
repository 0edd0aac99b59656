import type { Registration } from '../store/userState';

/** The program and arguments that show a session of ours in a terminal: exactly that session, on the folder's own server. `tmux` is a full path. */
export function attachArgs(
  tmux: string,
  registration: Registration,
  tmuxSession: string,
): { command: string; args: string[] } {
  return { command: tmux, args: ['-u', '-S', registration.socket, 'attach-session', '-t', `=${tmuxSession}`] };
}
