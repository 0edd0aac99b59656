import type { l10n } from 'vscode';

type Value = string | number;

let translate: (message: string, ...values: Value[]) => string = inEnglish;
let texts: (typeof l10n)['bundle'];

/**
 * A message in the person's language, with `{0}`, `{1}` … filled in. The message is a literal here and nowhere else, so that
 * `npm run l10n` finds it, and is asked for when it is shown: what a module keeps from its load would stay English.
 */
export function t(message: string, ...values: Value[]): string {
  return translate(message, ...values);
}

/** Makes `t` speak as VS Code does, by a bundle of ours when there is one; before that, and where there is no VS Code, it speaks English. */
export function translateWith({ t: own, bundle }: Pick<typeof l10n, 't' | 'bundle'>): void {
  translate = own;
  texts = bundle;
}

/** The messages in another language than English, by the English ones; undefined where `t` speaks English. */
export function bundleOf(): (typeof l10n)['bundle'] {
  return texts;
}

function inEnglish(message: string, ...values: Value[]): string {
  return message.replace(/\{(\d+)\}/g, (whole, index) => String(values[Number(index)] ?? whole));
}
