import type { TmuxClient } from './client';
import type { TmuxCall } from './commands';

/** The processes of all clients in control mode that attach as ours do (`ControlClient`). */
export function listOurClients(): TmuxCall<number[]> {
  const ours = ['control-mode', 'no-output', 'ignore-size'];
  return {
    args: ['list-clients', '-F', '#{client_pid} #{client_flags}'],
    parse: (stdout) =>
      stdout.split('\n').flatMap((line) => {
        const [pid, flags = ''] = line.split(' ');
        return Number(pid) > 1 && ours.every((flag) => flags.split(',').includes(flag)) ? [Number(pid)] : [];
      }),
  };
}

/**
 * Ends the clients that runners before us left, where the kernel doesn't do that (`endedWithUs`). One whose runner was killed
 * while an answer was on its way stays, and keeps its server from ending (tmux 3.3a waits until all is written, which can't be
 * any more). The server names its peers' processes.
 */
export async function endClients(tmux: TmuxClient): Promise<void> {
  const pids = (await tmux.callIfServer(listOurClients())) ?? [];
  for (const pid of pids.filter((one) => one !== tmux.controlPid)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // gone by itself
    }
  }
}
