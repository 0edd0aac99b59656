/** What one command of a control client printed, or the error that it ended with. */
export interface ControlBlock {
  failed: boolean;
  text: string;
}

/** What becomes known from a control client's output. */
export interface ControlListener {
  block(block: ControlBlock): void;
  /** Whether this line is what only we can know, and stands in a block by itself. */
  isMark(line: string): boolean;
  /** Something that isn't of the protocol, or its end; nothing after it can be told apart. */
  broken(): void;
}

/**
 * Reads what a tmux control client prints (tmux(1), CONTROL MODE): the text of each command between `%begin` and an `%end`
 * or `%error` of the same time and number, and notifications between these, which are passed over.
 */
export class ControlReader {
  private rest = '';
  private open: { tag: string; lines: string[] } | undefined;

  constructor(private readonly listener: ControlListener) {}

  /** Takes a piece of the output, which may end anywhere. */
  feed(text: string): void {
    const lines = (this.rest + text).split('\n');
    this.rest = lines.pop() ?? '';
    for (const line of lines) this.take(line);
  }

  private take(line: string): void {
    const { open } = this;
    if (open) {
      const failed = line === `%error ${open.tag}`;
      if (!failed && line !== `%end ${open.tag}`) {
        // A pane can show what ends one text and begins another; then the mark is found among others.
        if (open.lines.length > 0 && this.listener.isMark(line)) this.listener.broken();
        open.lines.push(line);
        return;
      }
      this.open = undefined;
      this.listener.block({ failed, text: open.lines.map((one) => `${one}\n`).join('') });
    } else if (line.startsWith('%begin ')) this.open = { tag: line.slice('%begin '.length), lines: [] };
    else if (!/^%(?!exit|end|error)[a-z]/.test(line)) this.listener.broken();
  }
}
