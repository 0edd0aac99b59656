import type { Settings } from '../core/store/settings';
import { translated } from './coreWords';
import { t } from './l10n';

/** An agent that can be chosen. */
export interface AgentChoice {
  id: string;
  title: string;
  detail: string;
}

/** The agents that there are: the default first, then the built-in ones, then the user's own. */
export function agentChoices(settings: Settings): AgentChoice[] {
  const builtIn: Record<string, AgentChoice> = {
    claude: { id: 'claude', title: 'Claude Code', detail: t('The claude command, with your own login') },
    codex: { id: 'codex', title: 'Codex', detail: t('The codex command, with your own login') },
    gemini: { id: 'gemini', title: 'Gemini CLI', detail: t('The gemini command, with your own login') },
    opencode: { id: 'opencode', title: 'OpenCode', detail: t('The opencode command, with your own login') },
    demo: {
      id: 'demo',
      title: 'Demo',
      detail: t('Built in: no account and no model; it outlines and counts what you send'),
    },
  };
  const ids = [...new Set([settings.default_agent, ...Object.keys(builtIn), ...Object.keys(settings.agents)])];
  return ids.flatMap((id) => {
    const said = settings.agents[id];
    const known = builtIn[id];
    if (!known && !said) return [];
    const command = [said?.command ?? said?.type ?? id, ...(said?.args ?? [])].join(' ');
    const title = said?.title ?? known?.title ?? id;
    const detail =
      said?.refused !== undefined
        ? t("can't be used: {0}", translated(said.refused))
        : said?.command
          ? command
          : (known?.detail ?? command);
    return [{ id, title, detail }];
  });
}
