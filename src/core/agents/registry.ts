import * as v from 'valibot';
import type { AgentSettings, Settings } from '../store/settings';
import { AgentSettings as AgentSettingsSchema, agentTypes } from '../store/settings';
import { CourierError } from '../support/errors';
import type { Agent } from './agent';
import { claude } from './claude';
import { codex } from './codex';
import { custom } from './custom';
import { demo } from './demo';
import { gemini } from './gemini';
import { opencode } from './opencode';

/** The agents that are there with no settings. */
export const builtInAgents = agentTypes.filter((type) => type !== 'custom');

/** The ids of every agent that can be named, and how a person calls them. */
export function listAgents(settings: Settings): { id: string; title: string }[] {
  const ids = new Set<string>([...builtInAgents, ...Object.keys(settings.agents)]);
  const titles: Record<string, string> = {
    claude: 'Claude Code',
    codex: 'Codex',
    gemini: 'Gemini CLI',
    opencode: 'OpenCode',
    demo: 'Demo',
  };
  return [...ids].map((id) => ({ id, title: settings.agents[id]?.title ?? titles[id] ?? id }));
}

const refusedWords = (id: string, why: string) =>
  `The agent "${id}" can't be used: ${why}. Mend it in the setting courier.agents; your other agents are as they were.`;

/**
 * Makes the agent of this id. Throws `agent_settings` when what the user's settings say of it can't be used, and `unknown_agent`
 * when neither we nor they know it.
 */
export function createAgent(id: string, settings: Settings, demoProgram: { node: string; script: string }): Agent {
  // An id may be "constructor", which every object has.
  const known = Object.hasOwn(settings.agents, id) ? settings.agents[id] : undefined;
  const own: AgentSettings = known ?? v.parse(AgentSettingsSchema, {});
  if (own.refused !== undefined) throw new CourierError('agent_settings', refusedWords(id, own.refused));
  const type = own.type ?? builtInAgents.find((name) => name === id) ?? (known ? 'custom' : undefined);
  switch (type) {
    case 'claude':
      return claude(id, own);
    case 'codex':
      return codex(id, own);
    case 'gemini':
      return gemini(id, own);
    case 'opencode':
      return opencode(id, own);
    case 'demo':
      return demo(id, own, demoProgram);
    case 'custom':
      return custom(id, own);
    case undefined:
      throw new CourierError(
        'unknown_agent',
        `There is no agent "${id}". Known: ${listAgents(settings)
          .map((agent) => agent.id)
          .join(', ')}. Others can be set in courier.agents.`,
      );
  }
}
