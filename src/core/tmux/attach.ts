import type { Settings } from '../store/settings';
import type { Registration } from '../store/userState';

/** The program and arguments that show a session of ours in a terminal: exactly that session, on the folder's own server. */
export function attachArgs(
  settings: Settings,
  registration: Registration,
  tmuxSession: string,
): { command: string; args: string[] } {
  return {
    command: settings.tmux_path,
    args: ['-u', '-S', registration.socket, 'attach-session', '-t', `=${tmuxSession}`],
  };
}
