/** One argument as tmux's own parser reads it back unchanged: single quotes keep `$`, `#`, `;`, `{` and `~` as they are. */
export function quote(argument: string): string {
  return `'${argument.replaceAll("'", "'\\''")}'`;
}

/** A tmux command as a line of a tmux command file. Throws for a newline or control character, which would end or change it. */
export function line(...words: string[]): string {
  for (const word of words) {
    if (/[\x00-\x08\x0a-\x1f\x7f]/.test(word))
      throw new Error(`a tmux argument holds a control character: ${JSON.stringify(word)}`);
  }
  const [command, ...rest] = words;
  return [command, ...rest.map(quote)].join(' ');
}

/** Joins command lines into a `{ }` block. */
export function block(lines: string[]): string {
  return `{\n${lines.join('\n')}\n}`;
}

/** The arguments of a call, commands parted by `;`, as one line. */
export function lineOf(args: string[]): string {
  const end = args.indexOf(';');
  return end < 0 ? line(...args) : `${line(...args.slice(0, end))} ; ${lineOf(args.slice(end + 1))}`;
}
