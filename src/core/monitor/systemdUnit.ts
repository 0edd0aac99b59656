import { shellWord } from '../support/shellWord';
import type { UnitFacts } from './unit';

/** A systemd user unit that runs a folder's monitor (systemd.service(5), systemd.unit(5)). */
export function systemdUnit(facts: UnitFacts): string {
  const { name, workspace, node, courier, environment } = facts;
  const service = `${name}.service`;
  // ":" turns the replacing of $VARIABLES off.
  const command = [`:${node}`, courier, 'monitor', '--dir', workspace].map(quoted).join(' ');
  const lines = Object.entries(environment).map(([key, value]) => `Environment=${quoted(`${key}=${value}`)}`);
  return `# Runs the jobs of ${workspace} without a window. To install it:
#   mkdir -p ~/.config/systemd/user
#   courier unit systemd --dir ${shellWord(workspace)} > ~/.config/systemd/user/${service}
#   systemctl --user daemon-reload
#   systemctl --user enable --now ${service}
#   loginctl enable-linger        (so that it also runs while you are not logged in)
# After an upgrade of Tmux Courier, write it again and restart it. Agents live on in tmux meanwhile.

[Unit]
Description=Tmux Courier: jobs of ${workspace.replaceAll('%', '%%')} (monitor)

[Service]
Type=exec
ExecStart=${command}
${lines.join('\n')}
# tmux and the agents are started below this unit, and stay when it ends or is restarted.
KillMode=process
Restart=on-failure
RestartSec=5

[Install]
WantedBy=default.target
`;
}

/** One word of a command line or of Environment=. */
function quoted(word: string): string {
  return `"${word.replace(/[\\"]/g, '\\$&').replaceAll('%', '%%')}"`;
}
