import * as path from 'node:path';
import { shellWord } from '../support/shellWord';
import type { UnitFacts } from './unit';

/** A Compose file that runs a folder's monitor in a container: every scalar that isn't ours is a JSON string, which is YAML, too. */
export function composeFile(facts: UnitFacts): string {
  const { name, workspace, courier, stateRoot, socketFolder, uid, gid, home } = facts;
  const command = ['node', courier, 'monitor', '--dir', workspace];
  const environment = {
    HOME: home,
    XDG_STATE_HOME: path.dirname(stateRoot),
    XDG_RUNTIME_DIR: path.dirname(socketFolder),
  };
  const mounts = [workspace, stateRoot, socketFolder];
  return `# Runs the jobs of ${workspace} in a container. What it needs from the host:
#   - COURIER_IMAGE names an image with Node 20.19 or later, tmux 3.2 or later (best the host's own version, so that the
#     host can attach), git, and the agent's command-line program, all on its PATH.
#   - The same paths inside as outside: the workspace, your own state of Tmux Courier, and the folder of the tmux socket.
#     The socket's folder must be there before the container starts, yours and with mode 0700; where the system empties it
#     at a restart: install -d -m 0700 ${shellWord(socketFolder)}
#   - Your own user and group ids, so that files stay yours on both sides.
#   - What the agent needs to log in: its settings in your home folder, or its key in the environment. Add them below.
# To run it:     COURIER_IMAGE=my-image docker compose -f compose.yaml up -d
# To attach:     docker compose -f compose.yaml exec ${name} node ${shellWord(courier)} attach main --dir ${shellWord(workspace)}
# To end it:     docker compose -f compose.yaml down, which ends the agents in it, too. (After "courier monitor --stop"
#                Compose starts the monitor again.)
# After an upgrade of Tmux Courier, write it again.

services:
  ${name}:
    image: "\${COURIER_IMAGE:?names an image with Node, tmux, git and the command-line program of the agent}"
    user: "${uid}:${gid}"
    # Collects agents that have ended.
    init: true
    restart: unless-stopped
    entrypoint: []
    working_dir: ${scalar(workspace)}
    command:
${command.map((word) => `      - ${scalar(word)}`).join('\n')}
    environment:
${Object.entries(environment)
  .map(([key, value]) => `      ${key}: ${scalar(value)}`)
  .join('\n')}
    volumes:
${mounts.map(mount).join('\n')}
`;
}

function mount(dir: string): string {
  return `      - type: bind
        source: ${scalar(dir)}
        target: ${scalar(dir)}
        bind:
          create_host_path: false`;
}

/** A value as Compose reads it: JSON, with each \`$\` doubled so that no variable is put in its place. */
function scalar(text: string): string {
  return JSON.stringify(text.replaceAll('$', '$$$$'));
}
