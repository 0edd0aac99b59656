import { messageOf } from '../support/errors';
import { ProgramNotFound, search, searchLines } from '../support/findExecutable';
import { checkTmux } from '../tmux/client';
import { fine, type SetupCheck, type SetupFix, type SetupInput } from './check';

/** Whether there is a tmux that is new enough. */
export async function checkTmuxSetup({ settings, env, platform }: SetupInput): Promise<SetupCheck[]> {
  try {
    const { file, words } = await checkTmux(settings.tmux_path, env);
    return [fine('tmux', words, file)];
  } catch (error) {
    const missing = error instanceof ProgramNotFound;
    const name: SetupFix = { kind: 'setting', label: 'Set tmux Path', setting: 'courier.tmuxPath' };
    return [
      {
        id: 'tmux',
        status: 'problem',
        title: missing ? 'tmux was not found' : 'tmux can not be used',
        detail: messageOf(error),
        ...(missing ? { looked_in: searchLines(error.looked) } : {}),
        fixes: missing ? [...(await installFix(env, platform)), name] : [name],
      },
    ];
  }
}

const installers = [
  ['apt-get', 'sudo apt-get install tmux'],
  ['dnf', 'sudo dnf install tmux'],
  ['pacman', 'sudo pacman -S tmux'],
  ['zypper', 'sudo zypper install tmux'],
  ['apk', 'sudo apk add tmux'],
  ['brew', 'brew install tmux'],
] as const;

/** The line that installs tmux with the package manager that this machine has. */
async function installFix(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): Promise<SetupFix[]> {
  for (const [program, text] of installers) {
    if (platform === 'darwin' && program !== 'brew') continue;
    const { file } = await search(program, env);
    if (file) return [{ kind: 'copy', label: 'Copy Install Command', text }];
  }
  return [];
}
