import * as vscode from 'vscode';
import type { UserState } from '../core/store/userState';
import { CourierError } from '../core/support/errors';
import { type FoundTemplate, templatesIn, workspaceTemplates } from '../core/templates/findTemplates';
import { type Template, type Variable, variablesOf } from '../core/templates/template';
import { translated } from './coreWords';
import type { CourierFolder } from './courierFolder';
import { t } from './l10n';
import { pickOne } from './messages';
import { shortened } from './words';

/** Where templates come from. */
export interface TemplatePlaces {
  user: UserState;
  /** The folder of those that came with the extension. */
  examples: string;
}

export type Origin = 'workspace' | 'user' | 'example';

export interface ChosenTemplate {
  template: Template;
  origin: Origin;
}

type Row = vscode.QuickPickItem & { found?: FoundTemplate; origin?: Origin };

/** Lets a template be chosen: the workspace's, the user's own, then ours. Each row says what of the person's it sends. Not for a folder that came from elsewhere (`chooseFolder` refuses it). Throws for one that can't be used. */
export async function pickTemplate(places: TemplatePlaces, folder: CourierFolder): Promise<ChosenTemplate | undefined> {
  const [workspace, user, examples] = await Promise.all([
    workspaceTemplates(folder.layout),
    templatesIn(places.user.templates),
    templatesIn(places.examples),
  ]);
  const rows = [
    ...group(t('In this folder ({0})', folder.layout.relative(folder.layout.templates)), workspace, 'workspace'),
    ...group(t('Your own'), user, 'user'),
    ...group(t('Examples'), examples, 'example'),
  ];
  const chosen = await pickOne(rows, {
    title: t('Send with Template'),
    placeHolder: t('Which template?'),
    matchOnDetail: true,
  });
  if (!chosen?.found || !chosen.origin) return undefined;
  if ('problem' in chosen.found) throw new CourierError('bad_template', chosen.found.problem);
  return { template: chosen.found.template, origin: chosen.origin };
}

function group(label: string, found: readonly FoundTemplate[], origin: Origin): Row[] {
  if (found.length === 0) return [];
  const separator: Row = { label, kind: vscode.QuickPickItemKind.Separator };
  return [separator, ...found.map((one): Row => ({ ...words(one), found: one, origin }))];
}

function words(found: FoundTemplate): vscode.QuickPickItem {
  if ('problem' in found) {
    return { label: found.name, description: t("can't be used"), detail: shortened(translated(found.problem), 200) };
  }
  const { template } = found;
  // First in a line of its own, where no title, whoever wrote it, takes its room.
  const detail = [attachedWords(template), shortened(template.description ?? '', 200)].filter(Boolean).join(' · ');
  return { label: shortened(template.title, 80), detail };
}

/** What of the person's a template puts into the prompt, in a few words. */
export function attachedWords(template: Template): string {
  const used = variablesOf(template);
  const asked = used.some((one) => one.startsWith('input:'));
  const names: Partial<Record<Variable, string>> = {
    selection: t('the text'),
    diagnostics: t('its problems'),
    gitDiff: t('the changes'),
    clipboard: t('the clipboard'),
  };
  const sent = used.flatMap((one) => names[one] ?? []);
  const parts = [...(sent.length > 0 ? [t('sends {0}', sent.join(', '))] : []), ...(asked ? [t('asks')] : [])];
  return parts.join(' · ');
}
