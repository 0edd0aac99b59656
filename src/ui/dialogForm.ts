import { isDeepStrictEqual } from 'node:util';
import { CourierError } from '../core/support/errors';
import { fits, type Profile, wrongPattern } from './agentProfiles';
import { t } from './l10n';
import { askLine, pickOne } from './messages';

type Dialog = NonNullable<Profile['dialogs']>[number];
type Choice = Dialog['choices'][number];

/** What is said of keys that nobody may press. */
export const wrongKeys = () =>
  t('Keys are Enter, Tab, Space, Escape, Up, Down, C-a, M-a and the like, or one character each, apart by blanks.');

/** Adds, changes or removes one of an agent's dialogs; undefined when the person escapes. */
export async function editDialogs(dialogs: readonly Dialog[]): Promise<Dialog[] | undefined> {
  const rows = dialogs.map((dialog, at) => ({
    label: dialog.pattern,
    description: lineOfChoices(dialog.choices),
    at,
  }));
  const add = { label: t('Add a Dialog…'), at: dialogs.length };
  const title = t('Dialogs');
  const placeHolder = t('Keys are pressed only in a dialog that is named here.');
  const options = { title, placeHolder, ignoreFocusOut: true };
  const chosen = rows.length > 0 ? await pickOne([...rows, add], options) : add;
  if (!chosen) return undefined;
  const old = dialogs[chosen.at];
  const made = await editDialog(old);
  if (made === undefined) return undefined;
  return dialogs.toSpliced(chosen.at, old ? 1 : 0, ...(made === 'removed' ? [] : [made]));
}

/** Asks for each part of a dialog in turn, beginning with what it is now. An emptied pattern removes it. */
async function editDialog(old: Dialog | undefined): Promise<Dialog | 'removed' | undefined> {
  const title = old ? t('Change a Dialog') : t('Add a Dialog');
  if (old && !isDeepStrictEqual(choicesOf(lineOfChoices(old.choices), old), old.choices))
    throw new CourierError('no_line', t('"{0}" can not be written in one line: change it in your settings.', title));
  const pattern = await askLine({
    title,
    prompt: old
      ? t('What its screen ends with when it asks (a regular expression); nothing removes the dialog')
      : t('What its screen ends with when it asks (a regular expression)'),
    value: old?.pattern,
    ignoreFocusOut: true,
    validateInput: (text) => {
      if (text === '') return old ? undefined : t('A pattern is needed.');
      if (fits({ dialogs: [{ pattern: text, choices: [] }] })) return undefined;
      return wrongPattern();
    },
  });
  if (pattern === undefined) return undefined;
  if (pattern === '') return 'removed';
  const line = await askLine({
    title,
    prompt: t('Its choices, each with its keys: {0}', 'Yes = y Enter; No = n Enter'),
    value: lineOfChoices(old?.choices ?? []),
    ignoreFocusOut: true,
    validateInput: (text) =>
      fits({ dialogs: [{ pattern, choices: choicesOf(text, old) }] }) ? undefined : wrongKeys(),
  });
  if (line === undefined) return undefined;
  const { choices: _, ...rest } = old ?? {};
  return { ...rest, pattern, choices: choicesOf(line, old) };
}

function lineOfChoices(choices: readonly Choice[]): string {
  return choices.map(({ label, keys }) => `${label} = ${keys.join(' ')}`).join('; ');
}

/** The choices that a line names. One that has the label of an earlier one keeps its id; others have one by their label. */
function choicesOf(line: string, old: Dialog | undefined): Choice[] {
  const parts = line.split(';').filter((part) => part.trim() !== '');
  return parts.map((part, at) => {
    const [, label = '', keys = ''] = /^\s*([^=]*?)\s*(?:=(.*))?$/s.exec(part) ?? [];
    const known = old?.choices.find((one) => one.label === label)?.id;
    const id = label
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 60);
    return { id: known ?? (id || `choice-${at + 1}`), label, keys: keys.split(/\s+/).filter(Boolean) };
  });
}
