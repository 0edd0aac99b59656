import { Emitter } from '../support/events';
import type { AgentPane } from './agentPane';

/** The panes that the runner knows, whichever session or fresh job each belongs to. */
export class PaneSet {
  private readonly panes = new Set<AgentPane>();
  private readonly added = new Emitter<void>();
  readonly onDidAdd = this.added.event;

  add(pane: AgentPane): void {
    this.panes.add(pane);
    this.added.fire();
  }

  remove(pane: AgentPane): void {
    this.panes.delete(pane);
  }

  /** The pane whose receipts folder holds this path. */
  owning(file: string): AgentPane | undefined {
    for (const pane of this.panes) if (file.startsWith(pane.launch.receipts)) return pane;
    return undefined;
  }

  [Symbol.iterator](): IterableIterator<AgentPane> {
    return this.panes.values();
  }
}
