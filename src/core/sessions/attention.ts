import type { Dialog } from '../agents/agent';
import type { Waiting } from '../model/waiting';
import type { Clock } from '../support/clock';
import { Emitter } from '../support/events';

/** What a pane waits for a person with, if anything: the one place that gives dialogs their ids and knows their keys. */
export class Attention {
  private shown: { waiting: Waiting; dialog: Dialog } | undefined;
  /** The screen on which keys were pressed for what is shown, and how many looks in a row have seen another one since. */
  private pressedOn: { digest: string; moves: number } | undefined;
  /** The dialogs that receipts told of, by receipt. */
  private readonly told = new Map<string, { id: string; dialog: Dialog }>();
  private readonly changed = new Emitter<void>();
  readonly onDidChange = this.changed.event;

  /**
   * `earlier` is what a runner before us showed: it counts until the pane was looked at, so that a takeover shows no other
   * state meanwhile, and the same dialog keeps its id, so that an answer on its way still fits.
   */
  constructor(
    private readonly clock: Clock,
    private earlier: Waiting | undefined,
  ) {}

  get waiting(): Waiting | undefined {
    return this.shown?.waiting ?? this.earlier;
  }

  show(dialog: Dialog): void {
    const { kind, text, receipt } = dialog;
    const choices = dialog.choices.map(({ id, label }) => ({ id, label }));
    const { shown, earlier } = this;
    this.earlier = undefined;
    const dialog_id = this.idOf(dialog, earlier) ?? `d-${this.clock.random().slice(0, 12)}`;
    if (receipt !== undefined) this.told.set(receipt, { id: dialog_id, dialog });
    const waiting = { dialog_id, kind, text, choices };
    const unchanged = shown?.waiting.dialog_id === dialog_id && same(shown.waiting, waiting);
    if (this.hasMovedOn || !unchanged) this.pressedOn = undefined;
    // Also when it is the same: its keys may have become known.
    this.shown = { waiting: unchanged ? shown.waiting : waiting, dialog };
    if (!unchanged) this.changed.fire();
  }

  /** The id that a dialog has already: it was shown before, or it is what was shown by its other words. */
  private idOf({ receipt, isShownAs, ...dialog }: Dialog, earlier: Waiting | undefined): string | undefined {
    if (receipt !== undefined && this.told.has(receipt)) return this.told.get(receipt)?.id;
    // What has the words of one that was answered is the next one: another page of a pager.
    const shown = this.hasMovedOn ? undefined : this.shown;
    // Two requests can have the same words.
    const before = receipt !== undefined && shown?.dialog.receipt !== undefined ? undefined : shown?.waiting;
    return [before, earlier].find((one) => one && (same(one, dialog) || isShownAs?.(one.text)))?.dialog_id;
  }

  clear(): void {
    const { waiting } = this;
    this.earlier = undefined;
    this.shown = undefined;
    this.pressedOn = undefined;
    if (waiting) this.changed.fire();
  }

  /** Notes that keys are being pressed for what is shown, on a screen of this digest; returns what takes that back. */
  notePressed(digest: string): () => void {
    const pressed = { digest, moves: 0 };
    this.pressedOn = pressed;
    return () => {
      if (this.pressedOn === pressed) this.pressedOn = undefined;
    };
  }

  /** Notes a look at the screen. */
  noteLook(digest: string): void {
    const { pressedOn } = this;
    if (pressedOn) pressedOn.moves = pressedOn.digest === digest ? 0 : pressedOn.moves + 1;
  }

  /** A dialog that takes a key may draw its choice before it goes: one that stands in the second look after that is the next. */
  private get hasMovedOn(): boolean {
    return (this.pressedOn?.moves ?? 0) >= 2;
  }

  /** Whether keys were pressed for what is shown, and what came of that was not seen and shown yet. */
  get wasPressed(): boolean {
    return this.pressedOn !== undefined;
  }

  /** Whether a dialog is what a runner before us showed, and the pane was not looked at since: it may stand, or be gone. */
  isUnlooked(dialogId: string): boolean {
    return this.shown === undefined && this.earlier?.dialog_id === dialogId;
  }

  /** The dialog that stands, by a look at it or by its receipt. */
  get standing(): Dialog | undefined {
    return this.shown?.dialog;
  }

  /**
   * The dialog of this id, if it is the one that stands now, or one that stood and whose hook may still wait: that one has
   * no keys, since what they would be pressed for is another one by now.
   */
  dialog(dialogId: string): Dialog | undefined {
    if (this.shown?.waiting.dialog_id === dialogId) return this.shown.dialog;
    const before = [...this.told.values()].find(({ id }) => id === dialogId)?.dialog;
    return before && { ...before, choices: before.choices.map((choice) => ({ ...choice, keys: [] })) };
  }
}

/** Whether two dialogs are the same to a person. */
export function same(a: Omit<Waiting, 'dialog_id'>, b: Omit<Waiting, 'dialog_id'>): boolean {
  return (
    a.kind === b.kind &&
    a.text === b.text &&
    a.choices.map((c) => c.label).join('\n') === b.choices.map((c) => c.label).join('\n')
  );
}
