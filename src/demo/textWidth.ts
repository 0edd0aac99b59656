const simple = /^[\x20-\x7e]*$/;
const noWidth = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
const twoColumns =
  /^(?:[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation})$/u;

const widthOf = (character: string): number => (noWidth.test(character) ? 0 : twoColumns.test(character) ? 2 : 1);

/** How many rows of a terminal a line fills when it wraps by itself; at least 1. */
export function rowsOf(line: string, columns: number): number {
  const width = Math.max(1, columns);
  if (simple.test(line)) return Math.max(1, Math.ceil(line.length / width));
  let rows = 1;
  let used = 0;
  for (const character of line) {
    const size = widthOf(character);
    if (used + size > width) {
      rows += 1;
      used = 0;
    }
    used += size;
  }
  return rows;
}
