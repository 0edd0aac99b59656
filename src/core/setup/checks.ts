import type { Layout } from '../store/layout';
import { readSnapshot } from '../store/snapshot';
import { checkAgents } from './agentChecks';
import { fine, type SetupCheck, type SetupInput } from './check';
import { checkFolder } from './folderChecks';
import { checkNode } from './nodeCheck';
import { checkRoot } from './rootCheck';
import { checkTmuxSetup } from './tmuxCheck';

/** Looks at all that jobs in these workspace folders need. Changes nothing but the socket's folder, which it makes. */
export async function checkSetup(
  input: SetupInput,
  layouts: readonly Layout[],
): Promise<{ machine: SetupCheck[]; folders: { layout: Layout; checks: SetupCheck[] }[] }> {
  if (input.platform === 'win32') return { machine: [onWindows], folders: [] };
  const agents = await agentsInUse(input, layouts);
  const [machine, folders] = await Promise.all([
    Promise.all([checkTmuxSetup(input), checkAgents(input, agents), checkRoot(input, agents), checkNode(input)]),
    Promise.all(layouts.map(async (layout) => ({ layout, checks: await checkFolder(input, layout) }))),
  ]);
  return { machine: machine.flat(), folders };
}

/** The default agent, and those of the sessions that there are. */
async function agentsInUse({ settings, user, clock }: SetupInput, layouts: readonly Layout[]): Promise<Set<string>> {
  const snapshots = await Promise.all(layouts.map((layout) => readSnapshot(layout, user, clock, { historyLimit: 0 })));
  const used = snapshots.flatMap(({ sessions }) => sessions.map(({ metadata }) => metadata.agent));
  return new Set([settings.default_agent, ...used]);
}

const onWindows: SetupCheck = {
  ...fine('platform', 'Native Windows has no tmux'),
  status: 'problem',
  detail: 'Open the folder in WSL, where it does run: with the WSL extension, choose "WSL: Reopen Folder in WSL".',
};
