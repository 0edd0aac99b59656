import type { Dialog } from '../agents/agent';
import type { Waiting } from '../model/waiting';
import type { Clock } from '../support/clock';
import { Emitter } from '../support/events';

/** What a pane waits for a person with, if anything: the one place that gives dialogs their ids and knows their keys. */
export class Attention {
  private shown: { waiting: Waiting; dialog: Dialog } | undefined;
  private readonly changed = new Emitter<void>();
  readonly onDidChange = this.changed.event;

  /** `earlier` is what a runner before us showed: the same dialog keeps its id, so that an answer on its way still fits. */
  constructor(
    private readonly clock: Clock,
    private earlier: Waiting | undefined,
  ) {}

  get waiting(): Waiting | undefined {
    return this.shown?.waiting;
  }

  show(dialog: Dialog): void {
    const { kind, text } = dialog;
    const choices = dialog.choices.map(({ id, label }) => ({ id, label }));
    const alike = [this.shown?.waiting, this.earlier].find((w) => w && same(w, { kind, text, choices }));
    this.earlier = undefined;
    if (alike && alike === this.shown?.waiting) return;
    const dialog_id = alike?.dialog_id ?? `d-${this.clock.random().slice(0, 12)}`;
    this.shown = { waiting: { dialog_id, kind, text, choices }, dialog };
    this.changed.fire();
  }

  clear(): void {
    this.earlier = undefined;
    if (!this.shown) return;
    this.shown = undefined;
    this.changed.fire();
  }

  /** The dialog of this id, if it is the one that stands now. */
  dialog(dialogId: string): Dialog | undefined {
    return this.shown?.waiting.dialog_id === dialogId ? this.shown.dialog : undefined;
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
