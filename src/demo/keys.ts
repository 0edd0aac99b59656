/** One thing that a person, or tmux, did at the keyboard. */
export type Key =
  | { type: 'text' | 'paste'; text: string }
  | { type: 'enter' | 'backspace' | 'escape' | 'up' | 'down' | 'clear' | 'interrupt' | 'end' };

const pasteBegin = '\x1b[200~';
const pasteEnd = '\x1b[201~';
const sequence = /^\x1b(?:\[[0-?]*[ -/]*[@-~]|O[A-Z])/;
const partOfSequence = /^\x1b(?:\[[0-?]*[ -/]*|O)?$/;
const printable = /^[^\x00-\x1f\x7f-\x9f]+/;

const byCode: Record<string, Key> = {
  '\r': { type: 'enter' },
  '\n': { type: 'enter' },
  '\x7f': { type: 'backspace' },
  '\b': { type: 'backspace' },
  '\x15': { type: 'clear' },
  '\x03': { type: 'interrupt' },
  '\x04': { type: 'end' },
  '\x1b[A': { type: 'up' },
  '\x1bOA': { type: 'up' },
  '\x1b[B': { type: 'down' },
  '\x1bOB': { type: 'down' },
};

/** Turns what a terminal in raw mode sends, in chunks cut anywhere, into keys; keys without a meaning here are left out. */
export class KeyDecoder {
  private pending = '';
  private pasted: string[] | undefined;

  /** Whether an Esc stands alone at the end, so that only time tells if more of a sequence follows. */
  get undecided(): boolean {
    return this.pasted === undefined && this.pending !== '';
  }

  /** The keys that are complete with this chunk. */
  push(chunk: string): Key[] {
    this.pending += chunk;
    const keys: Key[] = [];
    while (this.pending !== '') {
      if (this.pasted) {
        if (!this.takePaste(keys)) break;
      } else if (partOfSequence.test(this.pending)) break;
      else this.takeOne(keys);
    }
    return keys;
  }

  /** Takes what stands undecided as a real Esc key and what was typed after it. */
  flush(): Key[] {
    if (!this.undecided) return [];
    const rest = this.pending.slice(1);
    this.pending = '';
    return [{ type: 'escape' }, ...this.push(rest)];
  }

  private takeOne(keys: Key[]): void {
    const piece = (sequence.exec(this.pending) ?? printable.exec(this.pending))?.[0] ?? this.pending[0]!;
    this.pending = this.pending.slice(piece.length);
    const key = byCode[piece];
    if (piece === pasteBegin) this.pasted = [];
    else if (key) keys.push(key);
    else if (piece === '\x1b') keys.push({ type: 'escape' });
    else if (printable.test(piece)) keys.push({ type: 'text', text: piece });
  }

  private takePaste(keys: Key[]): boolean {
    const end = this.pending.indexOf(pasteEnd);
    if (end < 0) {
      const begun = this.pending.lastIndexOf('\x1b');
      const kept = begun >= 0 && pasteEnd.startsWith(this.pending.slice(begun)) ? begun : this.pending.length;
      this.pasted!.push(this.pending.slice(0, kept));
      this.pending = this.pending.slice(kept);
      return false;
    }
    keys.push({ type: 'paste', text: this.pasted!.join('') + this.pending.slice(0, end) });
    this.pasted = undefined;
    this.pending = this.pending.slice(end + pasteEnd.length);
    return true;
  }
}
