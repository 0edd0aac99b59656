import * as fs from 'node:fs/promises';
import { idPattern } from '../model/ids';
import type { SessionMetadata } from '../model/session';
import { readRunner } from '../runner/claims';
import type { Clock } from '../support/clock';
import { hasCode } from '../support/errors';
import { Turns } from '../support/turns';
import { folderStanding } from './folder';
import { isAsMarked } from './historyMark';
import type { Layout } from './layout';
import { isRealFolder } from './realFolder';
import { readSession, readSessionNow, type SessionRead, type SessionView } from './sessionReader';
import type { FolderSnapshot } from './snapshot';
import type { StateReader } from './stateReader';
import { readTmuxSessions } from './tmuxSessions';
import type { UserState } from './userState';

/** So many sessions are read again in one look without an event that says so. */
const atOnce = 50;

/** Of more sessions than this the finished jobs are read last. */
const few = 50;

/** Files are read in one go for so long, in milliseconds, before others have their turn. */
const sliceMs = 8;

/** For no longer than this in all, in milliseconds: a disk that needs more is too slow to read in one go. */
const mostInOneGo = 2000;

/** `text` is made when there is something to compare with. */
type Known = SessionRead & { text?: string };

/** Reads a `.courier` folder again and again: what has not changed stays the same object, so that it can be told by identity. */
export class FolderReader {
  private readonly known = new Map<string, Known>();
  /** The ids of sessions that the first look only glanced at, and which are to be read whole. */
  private glanced: readonly string[] = [];
  private partial: FolderSnapshot['partial'];
  private readonly turns = new Turns(atOnce);
  private last: FolderSnapshot | undefined;
  private order: SessionView[] = [];
  /** The ids of what is a folder of its own, also when no session could be read from it yet. */
  folders: readonly string[] = [];

  constructor(
    private readonly layout: Layout,
    private readonly user: UserState,
    private readonly clock: Clock,
    private readonly historyLimit: number,
    private readonly states: StateReader,
  ) {}

  /**
   * The first look at all of it. `before` is called with each session's id before its files are read; of many sessions it is a
   * glance without that, and without their finished jobs, after which `readRest` is to be called. When it is known which sessions
   * are at rest, by the marks of their histories, it is only theirs that are left out.
   */
  async first(before: (id: string) => void, atRest?: ReadonlyMap<string, string>): Promise<FolderSnapshot> {
    const ids = await sessionFolders(this.layout);
    if (ids.length > few) return this.glance(ids, atRest);
    const left = await this.inOneGo(ids, (id) => {
      before(id);
      return this.readNow(id);
    });
    return this.look(new Set(left), 'changed');
  }

  private async glance(ids: readonly string[], atRest?: ReadonlyMap<string, string>): Promise<FolderSnapshot> {
    const left = await this.inOneGo(ids, (id) =>
      !atRest || this.isAtRest(id, atRest.get(id)) ? this.readBriefly(id) : this.readNow(id),
    );
    this.glanced = ids;
    this.partial = atRest ? 'atRest' : 'any';
    return this.look(new Set(left), 'changed');
  }

  /** Reads whole what the first look glanced at, as `first` does of few sessions; the next look has it. */
  async readRest(before: (id: string) => void): Promise<void> {
    const left = await this.inOneGo(this.glanced, (id) => {
      // It may have gone since.
      if (!this.known.has(id)) return true;
      before(id);
      return this.readNow(id);
    });
    await this.read(new Set(left));
    this.glanced = [];
    this.partial = undefined;
  }

  private isAtRest(id: string, mark: string | undefined): boolean {
    return mark !== undefined && isAsMarked(this.layout.session(id), mark);
  }

  private readNow(id: string): boolean {
    const read = readSessionNow(this.layout, id, this.historyLimit, this.states);
    if (read) this.keep(id, read);
    return read !== undefined;
  }

  /** Reads a session without its finished jobs; one with live jobs whole, since a job that has just ended may stand in both places. */
  private readBriefly(id: string): boolean {
    const read = readSessionNow(this.layout, id, 0, this.states);
    if (!read || read.view?.jobs.length) return this.readNow(id);
    this.keep(id, read);
    return true;
  }

  /** Looks at the folder: at sessions that are new, those in `changed`, and, of the others, those whose turn it is or all. */
  async look(changed: ReadonlySet<string>, others: 'in turn' | 'all' | 'changed' = 'in turn'): Promise<FolderSnapshot> {
    const { layout, user, clock } = this;
    const [standing, entries] = await Promise.all([folderStanding(layout, user), entriesIn(layout)]);
    const ids = entries.map(({ name }) => name).sort();
    this.folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    const present = new Set(ids);
    for (const id of this.known.keys()) if (!present.has(id)) this.known.delete(id);
    const inTurn = others === 'in turn' ? this.turns.next(ids) : [];
    const due = new Set([...inTurn, ...ids.filter((id) => others === 'all' || changed.has(id) || !this.known.has(id))]);
    await this.read(due);
    if (standing.kind !== 'own') return this.make({ standing, runner: null, unmanaged: [], problems: [] });
    const folder = user.folder(standing.registration.folder_id);
    const problems: string[] = [];
    const [runner, seen] = await Promise.all([
      readRunner(folder, clock),
      readTmuxSessions(folder, (problem) => problems.push(problem)),
    ]);
    return this.make({ standing, runner, unmanaged: seen.filter((session) => !session.managed), problems });
  }

  /** Reads these sessions alone, of a folder that was looked at before. */
  async lookAt(changed: ReadonlySet<string>): Promise<FolderSnapshot> {
    if (!this.last) return this.look(changed);
    await this.read(new Set([...changed].filter((id) => this.known.has(id))));
    const { partial: _, ...last } = this.last;
    return this.make({ ...last, problems: this.ownProblems });
  }

  private ownProblems: string[] = [];

  private make(rest: Omit<FolderSnapshot, 'sessions' | 'partial'>): FolderSnapshot {
    this.ownProblems = rest.problems;
    const sessions = this.sessions();
    const problems = [...[...this.known.values()].flatMap((one) => one.problems), ...rest.problems];
    const made: FolderSnapshot = { ...rest, sessions, problems, ...(this.partial && { partial: this.partial }) };
    const { last } = this;
    if (last && last.sessions === sessions && textOf(last) === textOf(made)) return last;
    this.last = made;
    return made;
  }

  private sessions(): SessionView[] {
    const views = [...this.known.values()].flatMap(({ view }) => view ?? []);
    views.sort((a, b) => byAge(a.metadata, b.metadata));
    const same = views.length === this.order.length && views.every((view, i) => view === this.order[i]);
    if (!same) this.order = views;
    return this.order;
  }

  private async read(ids: ReadonlySet<string>): Promise<void> {
    const { layout, historyLimit, states } = this;
    const one = async (id: string) => this.keep(id, await readSession(layout, id, historyLimit, states));
    await Promise.all([...ids].map(one));
  }

  private keep(id: string, read: SessionRead): void {
    const known = this.known.get(id);
    // What was only glanced at is another now, whatever was read.
    if (!known || isGlance(known) !== isGlance(read)) {
      this.known.set(id, read);
      return;
    }
    const text = textOfRead(read);
    known.text ??= textOfRead(known);
    if (known.text !== text) this.known.set(id, { ...read, text });
  }

  /** Reads in one go what can be; returns the ids of what could not, also since this disk is slow. */
  private async inOneGo(ids: readonly string[], read: (id: string) => boolean): Promise<string[]> {
    const left: string[] = [];
    let spent = 0;
    let from = this.clock.monotonic();
    for (const id of ids) {
      if (spent > mostInOneGo || !read(id)) left.push(id);
      const slice = this.clock.monotonic() - from;
      if (slice < sliceMs) continue;
      spent += slice;
      await new Promise((resolve) => setImmediate(resolve));
      from = this.clock.monotonic();
    }
    return left;
  }
}

function isGlance({ view }: SessionRead): boolean {
  return view !== undefined && view.historyMark === undefined;
}

function textOfRead({ view, problems }: SessionRead): string {
  return JSON.stringify([view, problems]);
}

function textOf({ sessions, ...rest }: FolderSnapshot): string {
  return JSON.stringify(rest);
}

function byAge(a: SessionMetadata, b: SessionMetadata): number {
  if (a.created_at === b.created_at) return a.session_id < b.session_id ? -1 : 1;
  return a.created_at < b.created_at ? -1 : 1;
}

/** The ids of the sessions that are in folders of their own, reached without a symbolic link. */
async function sessionFolders(layout: Layout): Promise<string[]> {
  const entries = await entriesIn(layout);
  if (!(await isRealFolder(layout, layout.active))) return [];
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

/** All that may be a session, by its name. */
async function entriesIn(layout: Layout) {
  try {
    const entries = await fs.readdir(layout.active, { withFileTypes: true });
    return entries.filter(({ name }) => idPattern.test(name));
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}
