/** So much of the text has to be left by a cut at a word: one long word may be what the text is about. */
const leastOfLimit = 0.6;

/** A text cut at a word, or in one that is long, so that no more than `limit` characters of it stand. */
export function shortened(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const cut = text.slice(0, limit).replace(/[\uD800-\uDBFF]$/, '');
  const atWord = cut.replace(/\s+\S*$/, '');
  return `${atWord.length < limit * leastOfLimit ? cut.trimEnd() : atWord}…`;
}
