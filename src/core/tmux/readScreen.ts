import type { Registration, UserState } from '../store/userState';
import { TmuxClient, TmuxError } from './client';
import { capturePane } from './commands';

/** How many lines that scrolled away are read with a screen. */
const scrolledAway = 500;

/**
 * What a session shows now and showed last, for who only looks: any process may read it at any time. Undefined when the
 * session, or its tmux server, isn't there. `tmuxPath` is a full path.
 */
export async function readScreen(
  user: UserState,
  registration: Registration,
  tmuxPath: string,
  tmuxSession: string,
): Promise<string | undefined> {
  const { tmuxConf: conf } = user.folder(registration.folder_id);
  const tmux = new TmuxClient({ tmuxPath, socket: registration.socket, conf });
  try {
    return (await tmux.callIfServer(capturePane(`=${tmuxSession}:`, scrolledAway)))?.text.trimEnd();
  } catch (error) {
    if (error instanceof TmuxError && /can't find/.test(error.message)) return undefined;
    throw error;
  }
}
