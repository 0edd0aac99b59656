/** The last row of a screen that holds anything, without the blanks around it; empty for an empty screen. */
export function lastRow(screen: string): string {
  return screen.trimEnd().split('\n').at(-1)?.trim() ?? '';
}

/** A pattern for a row that a program shows when it takes input: its words as they are, and any number in place of a number. */
export function patternOf(row: string): string {
  const words = row.trim().replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  return words === '' ? '' : `^${words.replace(/\d+/g, '\\d+')}$`;
}

/** A command and its arguments, as a person writes them in one line: apart by blanks, and with quotes around what holds blanks. */
export function wordsOf(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, bare]) => double ?? single ?? bare ?? '',
  );
}

/** A line that `wordsOf` reads as these words; undefined when there is none, for a word with both quotes. */
export function lineOf(words: readonly string[]): string | undefined {
  const line = words
    .map((word) => (/^[^\s"']+$/.test(word) ? word : word.includes('"') ? `'${word}'` : `"${word}"`))
    .join(' ');
  const same = wordsOf(line);
  return same.length === words.length && same.every((word, i) => word === words[i]) ? line : undefined;
}
