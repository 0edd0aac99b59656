import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import type * as v from 'valibot';
import { MonitorFile, MonitorPost, readMonitor } from '../../../src/core/monitor/post';
import { ClaimFile, readRunner } from '../../../src/core/runner/claims';
import { ServerNotes } from '../../../src/core/runner/serverNotes';
import { setupInput } from '../../../src/core/setup/check';
import { checkFiles } from '../../../src/core/setup/filesCheck';
import { adoptFolder } from '../../../src/core/store/adopt';
import { FolderFile, folderStanding, openFolder } from '../../../src/core/store/folder';
import { type JsonRead, readJson } from '../../../src/core/store/jsonFile';
import { defaultSettings, readSettings, Settings, writeSettings } from '../../../src/core/store/settings';
import { readSnapshot } from '../../../src/core/store/snapshot';
import { TmuxSessionsFile } from '../../../src/core/store/tmuxSessions';
import { Registration } from '../../../src/core/store/userState';
import { systemClock } from '../../../src/core/support/clock';
import { ServerFile, ServerProcess } from '../../../src/core/tmux/serverProcess';
import { someTime } from '../coreFixtures';
import { makeRequestContext } from '../requestContext';
import { badJson } from './badText';
import { holds, makeFastDir, type Property } from './property';
import { whereKept } from './seededFolder';

type Context = Awaited<ReturnType<typeof makeRequestContext>>;

/** A file of which a folder has one: where it is, and what whoever writes it does when it finds it so. */
interface Single {
  schema: v.GenericSchema;
  place(context: Context): string;
  value(context: Context): object;
  /** Reads it as its readers do, and writes it as its writer does; `told` is what both say. */
  use(context: Context, told: string[]): Promise<void>;
  /** Whether its writer leaves an unreadable one where it is. */
  stays?: boolean;
}

const someone = { pid: 4_000_000, host: 'elsewhere', start_time: '1', scope: 'boot pid:[1]' };
const say = (told: string[]) => (message: string) => void told.push(message);

const singles: Record<string, Single> = {
  'the identity of a .courier folder': {
    schema: FolderFile,
    place: ({ layout }) => layout.folderFile,
    value: ({ folder }) => ({ version: '1.0', folder_id: path.basename(folder.dir), created_at: someTime }),
    async use({ layout, user }, told) {
      const standing = await folderStanding(layout, user);
      if (standing.kind === 'own') return;
      told.push(standing.kind === 'foreign' ? standing.why : assert.fail('it counts as absent'));
      await assert.rejects(openFolder(layout, user, systemClock), { code: 'not_adopted' });
      await adoptFolder(layout, user, systemClock).then(
        ({ asideFiles }) => told.push(...asideFiles),
        (error) => told.push(String(error)),
      );
    },
  },
  'the registration of a folder': {
    schema: Registration,
    stays: true,
    place: ({ folder }) => folder.registration,
    value: ({ folder, layout }) => ({
      ...{ version: '1.0', folder_id: path.basename(folder.dir), path: layout.workspace, socket: '/tmp/none/socket' },
    }),
    async use({ layout, user }, told) {
      const standing = await folderStanding(layout, user);
      if (standing.kind === 'foreign') told.push(standing.why);
    },
  },
  'a claim': {
    schema: ClaimFile,
    stays: true,
    place: ({ folder }) => path.join(folder.claims, '0000000001.json'),
    value: () => ({
      version: '1.0',
      epoch: 1,
      kind: 'window',
      program_version: '0.4.0',
      process: someone,
      takeover_after_s: 8,
    }),
    async use({ folder }) {
      const beat = path.join(folder.claims, '0000000001.heartbeat');
      await fs.writeFile(beat, '');
      assert.equal((await readRunner(folder, systemClock))?.epoch, 1, 'whoever beats is alive');
      await fs.utimes(beat, 0, 0);
      assert.equal(await readRunner(folder, systemClock), null, 'who is silent for years is not');
    },
  },
  'the place of the monitor': {
    schema: MonitorFile,
    place: ({ folder }) => folder.monitor,
    value: () => ({
      ...{ version: '1.0', state: 'running', process: someone, program_version: '0.4.0', started_at: someTime },
      started_by: 'person',
    }),
    async use({ folder }, told) {
      const newer = (error: { code?: string; message: string }) => {
        assert.equal(error.code, 'newer');
        told.push(error.message);
      };
      await readMonitor(folder, systemClock).catch(newer);
      await fs.utimes(folder.monitor, 0, 0);
      const about = { program_version: '99.0.0', started_by: 'person' as const };
      const post = new MonitorPost(folder, systemClock, about, say(told));
      await post.take().then(async () => assert.equal(await post.holder(), 'own'), newer);
      await post.beat();
      await post.leave();
    },
  },
  'what was seen on the tmux server': {
    schema: TmuxSessionsFile,
    place: ({ folder }) => folder.tmuxSessions,
    value: () => ({
      ...{ version: '1.0', epoch: 1 },
      sessions: [{ name: 'courier_main', managed: true, attached: 0, created_at: someTime, launch_id: 'l-1' }],
    }),
    async use(context, told) {
      context.logged.length = 0;
      const notes = new ServerNotes(context);
      await notes.begin();
      const pane = { session: 'x', attached: 0, created: 1_795_341_600, launch_id: '' };
      await notes.note([pane as never]);
      await notes.flush();
      told.push(...context.logged);
    },
  },
  'which process the tmux server is': {
    schema: ServerFile,
    place: ({ folder }) => folder.tmuxServer,
    value: () => ({ version: '1.0', process: someone }),
    async use({ folder }, told) {
      const socket = path.join(folder.dir, 'socket');
      assert.equal(await new ServerProcess(folder.tmuxServer, socket, systemClock).revive(), false);
      await new ServerProcess(folder.tmuxServer, socket, systemClock, say(told)).note(process.pid);
    },
  },
  "the user's settings": {
    schema: Settings,
    place: ({ user }) => user.config,
    value: () => ({
      ...defaultSettings(),
      agents: { mine: { command: 'x', args: ['-y'], env: { A: 'b' }, title: 't' } },
    }),
    async use({ user }, told) {
      const failed = (error: { code?: string; message: string }) => {
        assert.ok(error.code === 'settings' || error.code === 'newer', String(error));
        told.push(error.message);
      };
      await readSettings(user).catch(failed);
      await writeSettings(user, defaultSettings(), say(told)).catch(failed);
    },
  },
};

/** A file that a folder has once may hold anything: who reads it goes on or says why not, and who writes it keeps what it held. */
export const userFileProperties: Property[] = Object.entries(singles).map(([what, single]) => ({
  name: `${what}: nobody fails, it is named, and what it held is kept`,
  async check(runs, onTry) {
    const dir = await makeFastDir();
    try {
      const context = await makeRequestContext(dir.path, systemClock);
      const input = badJson(single.value(context));
      await holds(input, runs, (bytes) => spoil(context, single, bytes), onTry);
    } finally {
      await dir.remove();
    }
  },
}));

async function spoil(context: Context, single: Single, bytes: Buffer): Promise<void> {
  const file = single.place(context);
  await restore(context);
  await fs.writeFile(file, bytes);
  const read: JsonRead<unknown> = await readJson(single.schema, file);
  const { layout, user } = context;
  const snapshot = await readSnapshot(layout, user, systemClock, { historyLimit: 0 });
  const input = setupInput({ user, clock: systemClock, settings: defaultSettings(), versions: false });
  const found = await checkFiles(input, layout);
  assert.ok((await fs.readFile(file)).equals(bytes), 'a reader changed it');
  const told = [...snapshot.problems, ...found.map(({ detail }) => detail)];
  await single.use(context, told);
  if (read.kind === 'ok') return;
  assert.ok(
    told.some((message) => message.includes(file)),
    `${file} is not named: ${told.join('\n')}`,
  );
  if (read.kind === 'newer' || single.stays)
    return assert.ok((await fs.readFile(file)).equals(bytes), 'it was not left as it is');
  const kept = await whereKept(path.dirname(file), bytes);
  assert.ok(kept && told.some((message) => message.includes(kept)), `kept as ${kept}; told: ${told.join('\n')}`);
}

/** Every such file as it was, and none that was set aside. */
async function restore(context: Context): Promise<void> {
  for (const single of Object.values(singles)) {
    const file = single.place(context);
    for (const name of await fs.readdir(path.dirname(file)))
      if (name.startsWith(`${path.basename(file)}.`)) await fs.rm(path.join(path.dirname(file), name));
    await fs.rm(file, { force: true });
  }
  for (const single of [singles['the identity of a .courier folder'], singles['the registration of a folder']])
    await fs.writeFile(single!.place(context), JSON.stringify(single!.value(context)));
}
