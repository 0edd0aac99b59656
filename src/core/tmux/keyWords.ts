const names: Record<string, string> = {
  BTab: 'Shift+Tab',
  BSpace: 'Backspace',
  Escape: 'Esc',
  PPage: 'Page Up',
  NPage: 'Page Down',
};

/** Keys by tmux's names as a person reads them: `Ctrl+S`, `Alt+X Enter`. */
export function keyWords(keys: readonly string[]): string {
  return keys.map(wordOf).join(' ');
}

function wordOf(key: string): string {
  const [, held, letter = ''] = /^([CM])-(.)$/.exec(key) ?? [];
  return held ? `${held === 'C' ? 'Ctrl' : 'Alt'}+${letter.toUpperCase()}` : (names[key] ?? key);
}
