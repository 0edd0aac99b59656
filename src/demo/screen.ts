import { rowsOf } from './textWidth';

/** The part of a terminal that the screen needs. */
export interface Output {
  write(text: string): unknown;
  columns?: number;
}

/** Printed lines that scroll up, and below them one live block (input row, status or dialog) that is replaced in place. */
export class Screen {
  private live: string[] = [];

  constructor(private readonly output: Output) {}

  /** Prints one line for good, above the live block. */
  print(line: string): void {
    this.output.write(`${this.erasing()}${line}\r\n${this.live.join('\r\n')}`);
  }

  /** Replaces the live block; no lines leave the place empty. */
  show(lines: readonly string[]): void {
    const before = this.live.join('\r\n');
    const after = lines.join('\r\n');
    if (before === after) return;
    // Text that only grew is only added to: no flicker, and a line longer than the screen stays whole.
    const grown = before !== '' && after.startsWith(before);
    this.output.write(grown ? after.slice(before.length) : this.erasing() + after);
    this.live = [...lines];
  }

  // Rows are counted at today's width: when the size changes, tmux itself wraps what is on the screen anew, so nothing is
  // drawn again then. (A redraw could not reach the rows that tmux had moved into its history, and would double them.)
  private erasing(): string {
    const rows = this.live.reduce((sum, line) => sum + rowsOf(line, this.output.columns ?? 80), 0);
    return `${rows > 1 ? `\x1b[${rows - 1}A` : ''}\r\x1b[J`;
  }
}
