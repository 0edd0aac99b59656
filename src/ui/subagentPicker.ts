import * as vscode from 'vscode';
import { findSubagents, type Subagent } from '../core/agents/subagents';
import type { AgentChoice } from './agentChoices';
import type { CourierFolder } from './courierFolder';
import { t } from './l10n';
import { pickOne } from './messages';
import { agentKind } from './rows';
import { shortened } from './words';

type Row = vscode.QuickPickItem & { chosen: { subagent?: string } };

/** Lets one of Claude Code's own agents be chosen, or none of them; nothing is asked where there are none. Undefined: escaped. */
export async function pickSubagent(
  folder: CourierFolder,
  agent: AgentChoice,
): Promise<{ subagent?: string } | undefined> {
  if (agentKind(folder, agent.id) !== 'claude') return {};
  const found = await findSubagents(folder.layout.workspace, folder.settings.agents[agent.id]);
  if (found.length === 0) return {};
  const plain: Row = {
    label: agent.title,
    description: t('as it is'),
    iconPath: new vscode.ThemeIcon('sparkle'),
    chosen: {},
  };
  const rows = [plain, ...group(found, 'workspace'), ...group(found, 'user')];
  const title = t('New Session');
  const placeHolder = t('As which of its own agents?');
  return (await pickOne(rows, { title, placeHolder, matchOnDetail: true }))?.chosen;
}

function group(found: readonly Subagent[], from: Subagent['from']): Row[] {
  const label = from === 'workspace' ? t("This folder's agents") : t('Your own agents');
  const own = found.filter((one) => one.from === from);
  if (own.length === 0) return [];
  const separator: Row = { label, kind: vscode.QuickPickItemKind.Separator, chosen: {} };
  return [separator, ...own.map(row)];
}

function row({ name, description, writes }: Subagent): Row {
  return {
    label: name,
    ...(writes ? {} : { description: t("has no Write tool, so it can't write answers") }),
    detail: shortened(description ?? '', 200),
    iconPath: new vscode.ThemeIcon('person'),
    chosen: { subagent: name },
  };
}
