import { lastHeartbeat, type RunnerKind, readRunner } from '../runner/claims';
import type { Layout } from '../store/layout';
import { namesIn } from '../store/userState';
import { fine, type SetupCheck, type SetupInput } from './check';

const kinds: Record<RunnerKind, string> = {
  window: 'A VS Code window',
  background: 'courier monitor',
  cli: 'A courier command',
};

/** Who runs the folder's jobs, whether that one still says so, and whether work waits for nobody. */
export async function checkRunner(
  { user, clock, settings }: SetupInput,
  layout: Layout,
  folderId: string,
): Promise<SetupCheck[]> {
  const folder = user.folder(folderId);
  const runner = await readRunner(folder, clock);
  if (!runner) {
    const waiting = (await namesIn(layout.inbox)).filter((name) => name.endsWith('.json') && !name.startsWith('.'));
    if (waiting.length === 0) {
      return [fine('runner', 'No runner is alive now', 'A VS Code window, courier monitor or send --wait starts one.')];
    }
    return [
      {
        id: 'runner',
        status: 'warning',
        title: `${waiting.length} waiting, and no runner is alive`,
        detail:
          'What was sent is kept in the inbox, and nobody takes it. Open the folder in VS Code, or start "courier monitor" in it.',
        fixes: [],
      },
    ];
  }
  const name = runner.kind === null ? 'A newer Tmux Courier' : kinds[runner.kind];
  const who = `${name} runs the jobs${runner.pid === null ? '' : ` (process ${runner.pid} on ${runner.host})`}`;
  const beat = await lastHeartbeat(folder, runner.epoch);
  const silence = beat === undefined ? 0 : clock.now() - beat;
  if (silence < 2000 * settings.heartbeat_s) return [fine('runner', who)];
  return [
    {
      id: 'runner',
      status: 'warning',
      title: 'The runner is silent',
      detail: `${who}, and has said nothing for ${Math.round(silence / 1000)} s. It may be stopped or very busy; after ${settings.takeover_after_s} s another one takes over by itself.`,
      fixes: [],
    },
  ];
}
