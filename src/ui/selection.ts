import { CourierError } from '../core/support/errors';
import { problemOf } from './coreWords';
import { t } from './l10n';
import { isNode, type JobNode, type Node } from './nodes';

/** What a key binding in package.json hands to its command, which is for what is selected in the view. */
export const selectionArgument = 'selection';

/**
 * What a key is for, as in VS Code's own lists: the row that has the focus, or all that is selected when that row is a part
 * of it. `toggled` is the selection as it is when that row was toggled in it; with no focus, the same.
 */
export function underFocus(selection: readonly Node[], toggled: readonly Node[]): readonly Node[] {
  const added = toggled.filter((node) => !selection.includes(node));
  return added.length > 0 ? added : selection;
}

/** Who knows what a key in the view is for. */
export interface Keys {
  underKeys(): Promise<readonly Node[]>;
}

/** What a command is for when a key called it, to be handed to `chosenNodes`. */
export async function keyed(keys: Keys, item: unknown): Promise<readonly Node[]> {
  return item === selectionArgument ? keys.underKeys() : [];
}

type Of<K extends Node['kind']> = Extract<Node, { kind: K }>;

/**
 * The tree items of one kind that a command is for: those that a menu hands it (the one that was clicked, and all that are
 * selected), or when a key called it, those that are selected. Undefined when it came from elsewhere, and has to ask.
 */
export function chosenNodes<K extends Node['kind']>(
  kind: K,
  selection: readonly Node[],
  item: unknown,
  items?: unknown,
): Of<K>[] | undefined {
  const ofKind = (all: readonly unknown[]) => withoutTwins(all.filter((one): one is Of<K> => isNode(one, kind)));
  if (item === selectionArgument) return ofKind(selection);
  if (Array.isArray(items) && items.length > 0) return ofKind(items);
  return isNode(item, kind) ? [item] : undefined;
}

/** A job of a group has two rows, and is meant once when both are selected. */
function withoutTwins<T extends Node>(nodes: T[]): T[] {
  const isTwin = ({ job }: JobNode) =>
    nodes.some((other) => other.kind === 'job' && !other.inGroup && other.job.job_id === job.job_id);
  return nodes.filter((node) => !(node.kind === 'job' && node.inGroup && isTwin(node)));
}

/** Does something for each, one after the other; what fails keeps none of the others from being done, and is told at the end. */
export async function forEachOf<T>(all: readonly T[], run: (one: T) => Promise<unknown>): Promise<void> {
  const failed: unknown[] = [];
  for (const one of all) await run(one).catch((error) => failed.push(error));
  if (failed.length === 0) return;
  if (all.length === 1) throw failed[0];
  const message = t('{0} of {1} were done. {2}', all.length - failed.length, all.length, problemOf(failed[0]));
  throw new CourierError('some_failed', message, { cause: failed[0] });
}
