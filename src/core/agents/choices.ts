import type { Dialog } from './agent';

/** Rows of a numbered list such as ` ❯ 1. Yes` / `   2. No`, and the row it begins at. */
export interface ChoiceList {
  firstRow: number;
  choices: Dialog['choices'];
}

/** Numbered choices are only believed this near to the end of what is on the screen. */
const reach = 16;

/**
 * Finds the numbered list that takes a digit as its answer: one row is marked with `❯`, the numbers count from 1.
 * `marker` is what a marked row looks like; it tells a dialog from a transcript.
 */
export function findChoices(rows: string[], marker: RegExp): ChoiceList | undefined {
  const marked = rows.findLastIndex((row) => marker.test(row));
  if (marked < 0 || rows.length - marked > reach) return undefined;
  const numberOf = (row: string | undefined) => Number(/^\s*(?:❯\s*)?(\d+)\.\s+\S/.exec(row ?? '')?.[1] ?? 0);
  let firstRow = marked;
  for (let row = marked; row >= 0 && numberOf(rows[row]) !== 1; row--) firstRow = row - 1;
  if (firstRow < 0) return undefined;
  const choices: Dialog['choices'] = [];
  for (const row of rows.slice(firstRow)) {
    const number = numberOf(row);
    if (number === choices.length + 1) {
      const label = row.replace(/^\s*(?:❯\s*)?\d+\.\s+/, '').trim();
      choices.push({ id: uniqueId(label, number, choices), label, keys: [String(number)] });
    } else if (number !== 0) break;
  }
  return choices.length > 1 && choices.length <= 9 ? { firstRow, choices } : undefined;
}

/** The rows of a dialog above its choices, back to the rule or the gap of two rows that sets it off. */
export function dialogText(rows: string[], firstRow: number): string {
  let start = firstRow;
  while (start > 0 && firstRow - start < 40) {
    const above = rows[start - 1]!;
    if (/^\s*[─━▔]{10,}/.test(above)) break;
    if (above.trim() === '' && (rows[start - 2] ?? '').trim() === '') break;
    start--;
  }
  return rows
    .slice(start, firstRow)
    .map((row) => row.replace(/[│┃╭╮╰╯─╌▔]/g, ' ').trim())
    .filter((row) => row !== '')
    .join('\n');
}

/** What a permission can be answered with from here; a CLI's other choices are made in its terminal. */
export const permissionChoices = [
  { id: 'allow-once', label: 'Allow Once' },
  { id: 'deny', label: 'Deny' },
] as const;

/** The choices of a permission's dialog by our own names, when it says plain Yes first and No last; else as they are. */
export function namePermission(choices: Dialog['choices']): Dialog['choices'] {
  const [yes, no] = [choices[0], choices.at(-1)];
  if (!yes || !no || !/^Yes$/i.test(yes.label) || !/^No\b/i.test(no.label)) return choices;
  const [allow, deny] = permissionChoices;
  return [
    { ...allow, keys: yes.keys },
    { ...deny, keys: no.keys },
  ];
}

function uniqueId(label: string, number: number, taken: Dialog['choices']): string {
  const slug =
    label
      .toLowerCase()
      .replace(/\(.*?\)/g, '')
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 40)
      .replace(/-+$/, '') || `choice-${number}`;
  return taken.some((choice) => choice.id === slug) ? `${slug}-${number}` : slug;
}
