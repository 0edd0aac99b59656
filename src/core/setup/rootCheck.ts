import type { AgentSettings } from '../store/settings';
import type { SetupCheck, SetupInput } from './check';

/**
 * Claude Code as root refuses to start with its permissions bypassed, unless its environment says IS_SANDBOX=1, and no other
 * value (measured with 2.1.197; it ends with status 1).
 */
export function checkRoot({ settings, env, uid }: SetupInput, used: ReadonlySet<string>): SetupCheck[] {
  if (uid !== 0) return [];
  return Object.entries(settings.agents).flatMap(([id, agent]) => {
    if ((agent.type ?? id) !== 'claude' || !bypasses(agent)) return [];
    if ((agent.env.IS_SANDBOX ?? env.IS_SANDBOX) === '1') return [];
    return [
      {
        id: `root:${id}`,
        status: used.has(id) ? 'problem' : 'warning',
        title: `${agent.title ?? id}: bypassing permissions as root`,
        detail:
          'Claude Code refuses to start with its permissions bypassed as root. Use another permission mode, or run as another user; in a container that holds nothing of worth, set IS_SANDBOX to 1 in the env of this agent.',
        fixes: [{ kind: 'setting', label: 'Set Agents', setting: 'courier.agents' }],
      },
    ];
  });
}

function bypasses({ permission_mode, args }: AgentSettings): boolean {
  const said = args.map((arg) => arg.replace(/^--permission-mode=/, ''));
  return (
    permission_mode === 'bypassPermissions' ||
    said.some((arg) => /^(bypassPermissions|--(allow-)?dangerously-skip-permissions)$/.test(arg))
  );
}
