import { constants } from 'node:fs';
import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import type { Job } from '../model/job';
import { setupInput } from '../setup/check';
import { checkSetup } from '../setup/checks';
import type { Layout, SessionLayout } from '../store/layout';
import type { Settings } from '../store/settings';
import { readSnapshot, type SessionView } from '../store/snapshot';
import { readTmuxSessions } from '../store/tmuxSessions';
import { type FolderState, namesIn, type UserState } from '../store/userState';
import { type Clock, isoTime } from '../support/clock';
import { messageOf } from '../support/errors';
import { checkTmux } from '../tmux/client';
import { plainLog } from './logLines';
import { plainSettings, Redactor, removed } from './redact';

/** What diagnostics are made from. `versions` are the caller's own: the program's, and VS Code's where there is one. */
export interface DiagnosticsInput {
  layout: Layout;
  user: UserState;
  settings: Settings;
  clock: Clock;
  versions: Record<string, string>;
  env?: NodeJS.ProcessEnv;
}

const jobsOfASession = 200;
const logBytes = 1024 * 1024;

/** The texts of a diagnosis by file name: how things stand, without prompts, answers, screens, titles, messages or secrets. */
export async function collectDiagnostics(input: DiagnosticsInput): Promise<Record<string, string>> {
  const { layout, user, settings, clock, env = process.env } = input;
  const redactor = new Redactor(env, ...Object.values(settings.agents).map((agent) => agent.env));
  const json = (value: unknown) => `${JSON.stringify(redactor.json(value), null, 2)}\n`;
  const snapshot = await readSnapshot(layout, user, clock, { historyLimit: jobsOfASession });
  const { standing } = snapshot;
  const folder = standing.kind === 'own' ? user.folder(standing.registration.folder_id) : undefined;
  const texts: Record<string, string> = {
    'about.json': json(await about(input)),
    'settings.json': json(plainSettings(settings)),
    'setup.json': json(await setup(input)),
    'folder.json': json({
      root: layout.root,
      standing: standing.kind,
      runner: snapshot.runner,
      claims: folder ? await claims(folder) : [],
      tmux_sessions: folder ? await tmuxSessions(folder) : [],
      unread_requests: (await namesIn(layout.inbox)).filter((name) => /^[^.].*\.json$/.test(name)).length,
      deleted_sessions: (await namesIn(layout.deleted)).length,
      unreadable_files: snapshot.problems.length,
    }),
  };
  for (const view of snapshot.sessions) {
    const files = layout.session(view.metadata.session_id);
    const dir = `sessions/${view.metadata.session_id}`;
    texts[`${dir}/session.json`] = json(await session(view, files));
    texts[`${dir}/jobs.json`] = json({ live: view.jobs.map(job), finished: view.finished.map(job) });
    const ids = [...view.jobs, ...view.finished].flatMap(({ job_id, agent }) => [job_id, agent]);
    for (const log of [`${files.log}.1`, files.log]) {
      const text = await tail(log);
      if (text !== undefined) texts[`${dir}/${path.basename(log)}`] = redactor.text(plainLog(text, ids));
    }
  }
  return texts;
}

/** Writes a diagnosis as a zip (0600) to a place where nothing stands yet. */
export async function writeDiagnostics(file: string, texts: Record<string, string>): Promise<void> {
  const { strToU8, zipSync } = await import('fflate');
  const files = Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, strToU8(text)]));
  await fs.writeFile(file, zipSync(files), { flag: 'wx', mode: 0o600 });
}

/** A name for a diagnosis made now. */
export function diagnosticsName(now: number): string {
  return `courier-diagnostics-${isoTime(now).slice(0, 19).replace(/[-:]/g, '').replace('T', '-')}.zip`;
}

async function about({ settings, clock, versions }: DiagnosticsInput): Promise<unknown> {
  const tmux = await checkTmux(settings.tmux_path).then(
    ({ words }) => words,
    (error) => messageOf(error),
  );
  const system = { platform: process.platform, release: os.release(), arch: process.arch };
  return { collected_at: isoTime(clock.now()), ...versions, node: process.version, tmux, ...system };
}

async function setup({ layout, user, settings, clock }: DiagnosticsInput): Promise<unknown> {
  const { machine, folders } = await checkSetup(setupInput({ user, settings, clock, versions: true }), [layout]);
  return [...machine, ...folders.flatMap(({ checks }) => checks)].map(({ id, status, title }) => ({
    id,
    status,
    title,
  }));
}

async function claims(folder: FolderState): Promise<unknown[]> {
  const names = (await namesIn(folder.claims)).sort();
  return Promise.all(
    names.map(async (name) => {
      const stat = await fs.lstat(path.join(folder.claims, name)).catch(() => undefined);
      return { name, changed_at: stat && isoTime(stat.mtimeMs) };
    }),
  );
}

async function tmuxSessions(folder: FolderState): Promise<unknown[]> {
  return (await readTmuxSessions(folder)).map(({ name, managed, attached, created_at }) => {
    // A name of a person's own may say anything.
    return { name: managed ? name : removed, managed, attached, created_at };
  });
}

async function session({ metadata, health }: SessionView, files: SessionLayout): Promise<unknown> {
  const { session_id, state, agent, tmux_session, created_at, updated_at, ready_at, epoch, waiting } = metadata;
  const counts = await Promise.all([files.prompts, files.output, files.logs].map(namesIn));
  const [prompts, outputs, logs] = counts.map((names) => names.length);
  const { error, reason, ...plain } = health ?? {};
  const seen = Object.entries(plain).filter(([name, value]) => healthFields.has(name) && isWord(value));
  return {
    ...{ session_id, state, agent, tmux_session, created_at, updated_at, ready_at, epoch, waiting: waiting?.kind },
    resumable: metadata.conversation_id !== undefined,
    health: Object.fromEntries(seen),
    files: { prompts, outputs, logs },
  };
}

const healthFields = new Set(['state', 'tmux_active', 'claude_ready', 'last_probe', 'error_count', 'action', 'epoch']);
const isWord = (value: unknown) => typeof value !== 'string' || /^[\w:.-]{1,40}$/.test(value);

function job(full: Job): unknown {
  const { job_id, type, agent, mode, status, phase, reason, attempts, retry_of, group_id, timeout_s, launch_id } = full;
  const { inferred, created_at, started_at, accepted_at, finished_at, reminded_at, waiting } = full;
  return {
    ...{ job_id, type, agent, mode, status, phase, reason, attempts, retry_of, group_id, timeout_s, launch_id },
    ...{ inferred, created_at, started_at, accepted_at, finished_at, reminded_at, waiting: waiting?.kind },
  };
}

/** The end of a plain file; undefined when there is none, or a link in its place. */
async function tail(file: string): Promise<string | undefined> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  const handle = await fs.open(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch(() => undefined);
  try {
    const stat = await handle?.stat();
    if (!handle || !stat?.isFile()) return undefined;
    const start = Math.max(0, stat.size - logBytes);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(stat.size - start), 0, stat.size - start, start);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle?.close();
  }
}
