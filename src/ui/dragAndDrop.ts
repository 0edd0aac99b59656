import * as vscode from 'vscode';
import { sessionsView } from './contributions';
import { lastSeenIn, untilLooked } from './lastSeen';
import type { LogChannel } from './logChannel';
import { isNode, type JobNode, type Node } from './nodes';
import { reportError } from './notifications';
import { isWaiting } from './queueMoves';

/** What kinds of things are dragged. */
export const jobsType = `application/vnd.code.tree.${sessionsView.toLowerCase()}`;
export const filesType = 'text/uri-list';

/** Does what a drop on a row is for. */
export type Drop = (target: Node | undefined, data: vscode.DataTransfer) => Promise<void>;

/** What can be dragged onto a session and within its queue: jobs that have not begun, files, editor tabs. */
export class DragAndDrop implements vscode.TreeDragAndDropController<Node> {
  readonly dragMimeTypes = [jobsType];
  readonly dropMimeTypes = [jobsType, filesType];

  private ready!: (drop: Drop) => void;
  private readonly drop = new Promise<Drop>((resolve) => {
    this.ready = resolve;
  });

  constructor(private readonly log: LogChannel) {}

  /** Gives it what does what a drop is for; one that came before waits for it. */
  dropWith(drop: Drop): void {
    this.ready(drop);
  }

  handleDrag(nodes: readonly Node[], data: vscode.DataTransfer): void {
    const jobs = nodes.filter((node): node is JobNode => isNode(node, 'job') && isWaiting(node.job));
    if (jobs.length > 0) data.set(jobsType, new vscode.DataTransferItem(jobs));
  }

  async handleDrop(target: Node | undefined, data: vscode.DataTransfer): Promise<void> {
    try {
      await untilLooked(lastSeenIn([target]));
      await (await this.drop)(target, data);
    } catch (error) {
      // Not awaited: what is dropped is done with when it has been said.
      void reportError(this.log, error);
    }
  }
}
