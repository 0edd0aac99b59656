import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { openFolder } from '../core/store/folder';
import { ensureRealFolder } from '../core/store/realFolder';
import { systemClock } from '../core/support/clock';
import { CourierError, hasCode } from '../core/support/errors';
import { fillTemplate, type Variable, variables, variablesOf } from '../core/templates/template';
import { commands } from './contributions';
import { translated } from './coreWords';
import { gatherIfAny } from './gatherPrompts';
import { t } from './l10n';
import { askLine, confirm, pickOne } from './messages';
import { registerCommand, reportError } from './notifications';
import type { DocumentItem, PromptItem } from './promptItem';
import { askHowMany, chooseFolder, chooseTarget, type SendServices, sendAll } from './sendPrompts';
import { type ChosenTemplate, pickTemplate, type TemplatePlaces } from './templatePicker';
import { commonValues, documentValues, needsDocument } from './templateValues';

/** What the commands of templates need. */
export interface TemplateServices extends SendServices, TemplatePlaces {}

/** Registers Send with Template… and New Template…. */
export function registerTemplateCommands(services: TemplateServices): vscode.Disposable {
  const { log } = services;
  return vscode.Disposable.from(
    registerCommand(log, commands.sendWithTemplate, (first, second) => sendFrom(services, first, second)),
    registerCommand(log, commands.newTemplate, () => newTemplate(services)),
  );
}

/** Chooses a template, fills it, sends; whoever escapes a question has sent nothing. */
async function sendFrom(services: TemplateServices, first: unknown, second: unknown): Promise<void> {
  const { items, refused } = (await gatherIfAny(first, second)) ?? { items: [], refused: [] };
  const folder = await chooseFolder(services, first, items[0]?.uri);
  const chosen = folder && (await pickTemplate(services, folder));
  if (!folder || !chosen) return;
  const wanted = variablesOf(chosen.template);
  const ofDocuments = wanted.some(needsDocument);
  if (ofDocuments) {
    for (const error of refused) void reportError(services.log, error);
    if (items.length === 0 && refused.length === 0) throw nothingOpen(chosen);
    if (items.length === 0) return;
  }
  if (!(await mayRead(chosen, wanted))) return;
  const how = ofDocuments ? await askHowMany(items.length) : 'each';
  if (!how) return;
  const common = await commonValues(folder, wanted, chosen.template.title);
  if (!common) return;
  const { title } = chosen.template;
  const fill = async (of: readonly DocumentItem[]): Promise<{ text: string }> => {
    const own = await documentValues(folder, wanted, of);
    return { text: fillTemplate(chosen.template, new Map([...common, ...own])) };
  };
  const prompts: PromptItem[] =
    ofDocuments && how === 'each'
      ? await Promise.all(items.map(async (item) => ({ ...item, prompt: await fill([item]) })))
      : [{ name: title, prompt: await fill(ofDocuments ? items : []) }];
  const target = await chooseTarget(services, first, folder);
  if (target) await sendAll(services, folder, target, prompts);
}

/** The person knows what a template of their own reads. What came with a folder, or what an agent put there, may not fetch the clipboard unseen. */
async function mayRead({ template, origin }: ChosenTemplate, wanted: readonly Variable[]): Promise<boolean> {
  if (origin !== 'workspace' || !wanted.includes('clipboard')) return true;
  return confirm(
    t('Send the text in the clipboard?'),
    t(
      'The template "{0}" of this folder puts the clipboard into the prompt. Look at what you copied last.',
      template.title,
    ),
    t('Send It'),
  );
}

function nothingOpen({ template }: ChosenTemplate): CourierError {
  return new CourierError(
    'nothing_to_send',
    t('The template "{0}" is about a file: open one, or select text in one. Nothing was sent.', template.title),
  );
}

/** Makes a template in this folder or for all folders, and opens it. */
async function newTemplate(services: TemplateServices): Promise<void> {
  const folder = await services.picker.pickFolder();
  if (!folder) return;
  const rows = [
    {
      label: t('For all folders'),
      detail: services.user.templates,
      make: async () => services.user.templates,
    },
    {
      label: t('For "{0}" only', folder.name),
      detail: folder.layout.relative(folder.layout.templates),
      make: async () => {
        await openFolder(folder.layout, services.user, systemClock);
        await ensureRealFolder(folder.layout, folder.layout.templates, systemClock.now());
        return folder.layout.templates;
      },
    },
  ];
  const title = t('New Template');
  const where = await pickOne(rows, { title });
  const name = where && (await askLine({ title, prompt: t('What is it called?'), validateInput: checkName }));
  if (!where || !name?.trim()) return;
  const dir = await where.make();
  await fs.mkdir(dir, { recursive: true, mode: 0o700 });
  const file = path.join(dir, `${fileName(name)}.md`);
  try {
    await fs.writeFile(file, draftTemplate(name.trim()), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  }
  await vscode.window.showTextDocument(vscode.Uri.file(file));
}

function checkName(value: string): string | undefined {
  return fileName(value) === '' ? t('A name has at least one letter or digit.') : undefined;
}

/** A name's letters and digits, of whatever script, with dashes between them. */
function fileName(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60);
}

function draftTemplate(title: string): string {
  const known = Object.entries({ ...variables, 'input:NAME': t('what you are asked for under that name') });
  const notes = known.map(([name, what]) => `# $\{${name}}: ${translated(what)}`);
  return ['---', `title: ${title}`, ...notes, '---', '', `$\{selection}`, ''].join('\n');
}
