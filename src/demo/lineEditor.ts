import type { Key } from './keys';

/** What the line editor asks of its owner after a key. */
export type Edit = { type: 'none' | 'exit' | 'exit-hint' } | { type: 'submit'; line: string };

/** How the editor may misbehave, for tests. */
export interface EditorFaults {
  /** The first Enter after text was typed does nothing. */
  swallowEnter?: boolean;
  /** No Enter does anything. */
  ignoreEnter?: boolean;
}

/** The one line being typed; knows no terminal. */
export class LineEditor {
  text = '';
  private swallowed = false;
  private interruptedOnce = false;

  constructor(private readonly faults: EditorFaults = {}) {}

  /** Applies one key. */
  press(key: Key): Edit {
    const secondInterrupt = this.interruptedOnce;
    this.interruptedOnce = false;
    switch (key.type) {
      case 'text':
        this.text += key.text;
        break;
      case 'paste':
        this.text += key.text.replace(/\r\n|[\r\n\t]/g, ' ').replace(/[\x00-\x1f\x7f-\x9f]/g, '');
        break;
      case 'backspace':
        this.text = this.text.replace(/.$/u, '');
        break;
      case 'clear':
        this.text = '';
        break;
      case 'enter':
        return this.submit();
      case 'interrupt':
        if (this.text === '' && secondInterrupt) return { type: 'exit' };
        this.interruptedOnce = this.text === '';
        this.text = '';
        return { type: this.interruptedOnce ? 'exit-hint' : 'none' };
      case 'end':
        return { type: this.text === '' ? 'exit' : 'none' };
    }
    return { type: 'none' };
  }

  private submit(): Edit {
    const line = this.text.trim();
    if (this.faults.ignoreEnter || line === '') return { type: 'none' };
    if (this.faults.swallowEnter && !this.swallowed) {
      this.swallowed = true;
      return { type: 'none' };
    }
    this.swallowed = false;
    this.text = '';
    return line === '/exit' ? { type: 'exit' } : { type: 'submit', line };
  }
}
