import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import type { FolderStanding } from '../store/folder';
import { folderStanding } from '../store/folder';
import type { Layout } from '../store/layout';
import { ensureSocketFolder } from '../store/userState';
import { hasCode, messageOf } from '../support/errors';
import { eventlessMounts } from '../support/fileSystem';
import { fine, type SetupCheck, type SetupInput } from './check';
import { checkFiles } from './filesCheck';
import { checkRunner } from './runnerCheck';

/** What is peculiar to one workspace folder. */
export async function checkFolder(input: SetupInput, layout: Layout): Promise<SetupCheck[]> {
  const standing = await folderStanding(layout, input.user);
  const checks = await Promise.all([
    checkWritable(input, layout),
    checkStanding(layout, standing),
    checkEvents(input, layout),
    checkFiles(input, layout),
    checkSocket(input, standing),
    standing.kind === 'own' ? checkRunner(input, layout, standing.registration.folder_id) : [],
  ]);
  return checks.flat();
}

function checkStanding(layout: Layout, standing: FolderStanding): SetupCheck[] {
  if (standing.kind !== 'foreign') return [];
  return [
    {
      id: 'adopted',
      status: 'warning',
      title: `${path.basename(layout.root)} is not from this machine`,
      detail: `${standing.why}, so nothing in it is run. If you trust what it holds, adopt it.`,
      fixes: [{ kind: 'adopt', label: 'Adopt' }],
    },
  ];
}

/** The folder itself, or where it will be made; and the user's own state. */
async function checkWritable({ user }: SetupInput, layout: Layout): Promise<SetupCheck[]> {
  const refused: string[] = [];
  for (const wanted of [layout.root, user.root]) {
    const there = await nearest(wanted);
    const why = await whyNotWritable(there);
    if (why) refused.push(why);
  }
  if (refused.length === 0) return [fine('writable', 'The folder can be written', layout.root)];
  return [
    {
      id: 'writable',
      status: 'problem',
      title: 'The folder can not be written',
      detail: `Prompts, answers and the queue are files, and nothing can be made in ${refused.join(' and ')}. Nothing was changed. Give yourself the right to write there, or open another folder.`,
      fixes: [],
    },
  ];
}

async function whyNotWritable(folder: string): Promise<string | undefined> {
  try {
    if (!(await fs.stat(folder)).isDirectory()) return `${folder} (it is not a folder)`;
    await fs.access(folder, fs.constants.W_OK | fs.constants.X_OK);
    return undefined;
  } catch (error) {
    return hasCode(error, 'EROFS') ? `${folder} (it is mounted read-only)` : `${folder} (it may not be written)`;
  }
}

/** The path, or the first thing above it that is there. */
async function nearest(file: string): Promise<string> {
  for (let folder = file; ; folder = path.dirname(folder)) {
    const stat = await fs.stat(folder).catch(() => undefined);
    if (stat || folder === path.dirname(folder)) return folder;
  }
}

async function checkEvents({ user, settings }: SetupInput, layout: Layout): Promise<SetupCheck[]> {
  const mounts = await eventlessMounts([layout.workspace, user.root]);
  if (mounts.length === 0) {
    return settings.use_polling ? [fine('events', 'Files are polled', 'The setting courier.usePolling is on.')] : [];
  }
  const where = mounts.map(({ folder, type }) => `${folder} (${type})`).join(', ');
  return [
    {
      id: 'events',
      status: 'warning',
      title: 'A file system without file events',
      detail: `${where} does not tell of every change, so that files there are polled: answers come a little later, and it costs some work. A folder on a local disk (in WSL: below your home, not /mnt) is faster.`,
      fixes: [],
    },
  ];
}

async function checkSocket({ user }: SetupInput, standing: FolderStanding): Promise<SetupCheck[]> {
  const socket = standing.kind === 'own' ? standing.registration.socket : path.join(user.socketRoot, 'socket');
  try {
    await ensureSocketFolder(socket);
    return [fine('socket', "The tmux socket's folder is your own", path.dirname(socket))];
  } catch (error) {
    return [
      {
        id: 'socket',
        status: 'problem',
        title: "The tmux socket's folder can not be used",
        detail: `${messageOf(error)}${hasCode(error, 'EACCES', 'ENOENT', 'EROFS', 'ENOTDIR') ? `. ${path.dirname(socket)} has to be a folder that you can make and write to.` : ''}`,
        fixes: [],
      },
    ];
  }
}
