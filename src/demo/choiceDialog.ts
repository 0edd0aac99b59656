import type { Key } from './keys';

/** A question with numbered choices: digits choose at once, arrows move the mark, Enter takes it, Esc takes the last one. */
export class ChoiceDialog {
  private marked = 0;

  constructor(
    private readonly question: string,
    private readonly choices: readonly string[],
  ) {}

  /** The lines to show. */
  get lines(): string[] {
    return [
      this.question,
      ...this.choices.map((choice, index) => `${index === this.marked ? '❯' : ' '} ${index + 1}. ${choice}`),
    ];
  }

  /** Applies one key; the index of the choice when it was made with it. */
  press(key: Key): number | undefined {
    const last = this.choices.length - 1;
    switch (key.type) {
      case 'text': {
        const index = Number(key.text[0]) - 1;
        return index >= 0 && index <= last ? index : undefined;
      }
      case 'up':
        this.marked = Math.max(0, this.marked - 1);
        return undefined;
      case 'down':
        this.marked = Math.min(last, this.marked + 1);
        return undefined;
      case 'enter':
        return this.marked;
      case 'escape':
        return last;
    }
    return undefined;
  }
}
