import type { Node } from './nodes';

/**
 * In the timeline of the extension host (`performance`): when all rows were handed over, when those were that the files tell
 * otherwise than they were last seen, so that the tree is whole, and when also the finished jobs of sessions at rest were read.
 */
export const treeMarks = {
  painted: 'courier.tree.painted',
  whole: 'courier.tree.whole',
  read: 'courier.tree.read',
};

/** Knows what of the first picture VS Code has not asked for yet, and of what corrected it. */
export class FirstPicture {
  private rows: Set<Node> | undefined;
  private count = 0;
  private is: 'painted' | 'whole' | undefined;
  /** `all` until VS Code asks for all rows once more. */
  private corrected: Set<Node> | 'all' | undefined;
  private tell!: () => void;
  /** Resolves when all rows were handed over. */
  readonly drawn = new Promise<void>((resolve) => {
    this.tell = resolve;
  });

  /** Notes which rows VS Code is about to ask for; `isLooked` tells whether they are those of the files. */
  asked(nodes: readonly Node[], isLooked: boolean): void {
    if (!this.rows) {
      this.rows = new Set(nodes);
      this.count = nodes.length;
      if (isLooked) this.corrected = new Set(nodes);
    } else if (this.corrected === 'all') this.corrected = new Set(nodes);
    else return;
    this.note();
  }

  /** Notes that a row was handed over. */
  handed(node: Node): void {
    this.rows?.delete(node);
    if (this.corrected instanceof Set) this.corrected.delete(node);
    this.note();
  }

  /** Notes what the first look at all files has changed. */
  correct(changes: readonly Node[] | 'all'): void {
    if (!this.rows || this.corrected) return;
    this.corrected = changes === 'all' ? changes : new Set([...this.rows, ...changes]);
    this.note();
  }

  private note(): void {
    if (this.rows?.size !== 0 || this.is === 'whole') return;
    if (!this.is) performance.mark(treeMarks.painted, { detail: { rows: this.count } });
    this.is ??= 'painted';
    this.tell();
    if (!(this.corrected instanceof Set) || this.corrected.size > 0) return;
    this.is = 'whole';
    performance.mark(treeMarks.whole);
  }
}
