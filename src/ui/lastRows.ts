import { lstatSync } from 'node:fs';
import * as v from 'valibot';
import { Id } from '../core/model/ids';
import { folderStanding } from '../core/store/folder';
import { readJson } from '../core/store/jsonFile';
import type { Layout } from '../core/store/layout';
import type { SessionView } from '../core/store/sessionReader';
import type { UserState } from '../core/store/userState';
import { removeFile, writeWhole } from '../core/store/wholeFile';
import { type Clock, systemClock } from '../core/support/clock';
import { type Disposable, DisposableStore } from '../core/support/disposables';
import type { CourierFolder } from './courierFolder';
import type { FolderService } from './folderService';
import type { LogChannel } from './logChannel';
import { type Row, rowOf } from './rows';
import { mostOpen } from './treeRoots';

/** The rows of fewer sessions than this are not kept: their files are read before VS Code asks for rows. */
const fewest = 50;

/** A larger file is neither kept nor read. */
const mostBytes = 2_000_000;

/** For so long, in milliseconds, a folder is to stay as it is before its rows are kept. */
const settledMs = 5000;

/** How a session was last shown. */
export interface LastRow {
  id: string;
  row: Row;
  /** The mark of its history, and when the last job in it ended (ISO); not set of one whose finished jobs are shown elsewhere, too. */
  history?: { mark: string; ended: string };
}

const optionalText = v.optional(v.string());

/**
 * `last_rows.json` in the user's own state: how the sessions of a folder were last shown, for the first picture of the tree. It
 * stands where its folder's registration stands, so that it is of no other folder, and decides nothing.
 */
const LastRows = v.looseObject({
  version: v.literal('1.0'),
  made_by: v.string(),
  sessions: v.array(
    v.looseObject({
      id: Id,
      row: v.looseObject({
        label: v.string(),
        description: optionalText,
        icon: v.optional(v.looseObject({ name: v.string(), color: optionalText })),
        context: optionalText,
        below: v.optional(v.picklist(['open', 'closed'])),
        spoken: v.string(),
      }),
      history: v.optional(v.looseObject({ mark: v.string(), ended: v.string() })),
    }),
  ),
});

/** What reads and keeps rows has in common. `madeBy` tells program versions and languages apart, whose rows may look other. */
export interface LastRowsContext {
  user: UserState;
  log: LogChannel;
  madeBy: string;
}

/** How the sessions of a folder of our own were last shown; none when that isn't known. Never throws. */
export async function readLastRows(layout: Layout, { user, log, madeBy }: LastRowsContext): Promise<LastRow[]> {
  try {
    const standing = await folderStanding(layout, user);
    if (standing.kind !== 'own') return [];
    const file = user.folder(standing.registration.folder_id).lastRows;
    if ((lstatSync(file, { throwIfNoEntry: false })?.size ?? 0) > mostBytes) return [];
    const read = await readJson(LastRows, file);
    return read.kind === 'ok' && read.value.made_by === madeBy ? read.value.sessions : [];
  } catch (error) {
    log.warn(`The rows of ${layout.root} as they were last shown could not be read: ${error}`);
    return [];
  }
}

/** Keeps how sessions are shown, when that has stayed the same for a while, and when the window closes. Any window may: each writes what it shows. */
export class LastRowsKeeper implements Disposable {
  private readonly own = new DisposableStore();
  private later: Disposable | undefined;
  /** What was kept, by its file. */
  private readonly kept = new Map<string, string>();

  constructor(
    private readonly folders: FolderService,
    private readonly context: LastRowsContext,
    private readonly clock: Clock = systemClock,
  ) {
    this.own.add(
      folders.onDidChange(() => {
        this.later?.dispose();
        this.later = clock.after(settledMs, () => void this.keep());
      }),
    );
  }

  /** Keeps the rows as they are at the moment of the call. A picture that can't be kept is done without. */
  async keep(): Promise<void> {
    const changed = this.folders.all.flatMap((folder) => this.textOf(folder) ?? []);
    for (const { file, text } of changed) {
      this.kept.set(file, text);
      try {
        await (text ? writeWhole(file, text) : removeFile(file));
      } catch (error) {
        this.context.log.warn(`${file} could not be written: ${error}`);
      }
    }
  }

  /** What is to be kept of a folder, when that is something else than before; an empty text for nothing. */
  private textOf(folder: CourierFolder): { file: string; text: string } | undefined {
    const { snapshot } = folder;
    if (snapshot?.standing.kind !== 'own' || snapshot.partial) return undefined;
    const file = this.context.user.folder(snapshot.standing.registration.folder_id).lastRows;
    const text = snapshot.sessions.length < fewest ? '' : JSON.stringify(this.rowsOf(folder));
    const keepable = Buffer.byteLength(text) > mostBytes ? '' : text;
    return this.kept.get(file) === keepable ? undefined : { file, text: keepable };
  }

  private rowsOf(folder: CourierFolder): v.InferInput<typeof LastRows> {
    const open = folder.sessions.length <= mostOpen;
    const now = this.clock.now();
    const sessions = folder.sessions.map((session) => {
      const row = { ...rowOf({ kind: 'session', folder, session, open }, now) };
      return { id: session.metadata.session_id, row, history: historyOf(session) };
    });
    return { version: '1.0', made_by: this.context.madeBy, sessions } as v.InferInput<typeof LastRows>;
  }

  dispose(): void {
    this.later?.dispose();
    this.own.dispose();
  }
}

/** What tells at the next start that nothing in a session's history is to be told of. */
function historyOf({ finished, historyMark: mark }: SessionView): LastRow['history'] {
  // A group has its row above the sessions.
  if (mark === undefined || finished.some(({ group_id }) => group_id !== undefined)) return undefined;
  return { mark, ended: finished.reduce((last, { finished_at: at = '' }) => (at > last ? at : last), '') };
}

/** The marks of those histories in which no job ended after `seenUntil` (ISO), by session; undefined when nothing is known. */
export function atRestIn(rows: readonly LastRow[], seenUntil: string): ReadonlyMap<string, string> | undefined {
  if (rows.length === 0) return undefined;
  return new Map(
    rows.flatMap(({ id, history }) => (history && history.ended <= seenUntil ? [[id, history.mark] as const] : [])),
  );
}
