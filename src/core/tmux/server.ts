import * as fs from 'node:fs/promises';
import { writeTextIfDifferent } from '../store/textFile';
import type { Registration, UserState } from '../store/userState';
import { ensureSocketFolder } from '../store/userState';
import type { Clock } from '../support/clock';
import { TmuxClient } from './client';
import { findTmux } from './findTmux';
import { ServerProcess } from './serverProcess';

/**
 * Our server's whole conf. The hooks wake whoever waits (`waitForEvent`) when a program ends or a session closes;
 * the size is what patterns are written for, until a person attaches.
 */
const conf = `set-option -s escape-time 0
set-option -s exit-unattached off
set-option -g default-terminal tmux-256color
set-option -g default-size 200x50
set-option -g window-size latest
set-option -g history-limit 20000
set-option -g focus-events on
set-option -g status off
set-option -g mouse on
set-option -g destroy-unattached off
set-option -g set-titles off
set-option -g update-environment ''
set-hook -g pane-died 'wait-for -S courier'
set-hook -g session-closed 'wait-for -S courier'
`;

/** Makes a client for a folder's own tmux server, and the conf that the server starts with. Starts nothing. Throws `no_tmux`. */
export async function openServer(
  user: UserState,
  registration: Registration,
  tmuxPath: string,
  clock: Clock,
  say?: (message: string) => void,
): Promise<TmuxClient> {
  const state = user.folder(registration.folder_id);
  await ensureSocketFolder(registration.socket);
  await fs.mkdir(state.dir, { recursive: true, mode: 0o700 });
  await writeTextIfDifferent(state.tmuxConf, conf);
  const server = new ServerProcess(state.tmuxServer, registration.socket, clock, say);
  return new TmuxClient({
    tmuxPath: await findTmux(tmuxPath),
    socket: registration.socket,
    conf: state.tmuxConf,
    server,
    control: clock,
  });
}
