/** A text in which VS Code finds no link: in messages it makes one, to commands too, of `[words](command:…)`. */
export function withoutLinks(text: string): string {
  return text.replaceAll('](', '] (');
}

/** A text that VS Code shows as it is where it draws `$(name)` as an icon, unless a backslash stands before it. */
export function withoutIcons(text: string): string {
  return text.replace(/\\?\$\((?=[A-Za-z0-9-]+(?:~[A-Za-z]+)?\))/g, '\\$(');
}
