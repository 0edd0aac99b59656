import type { Command } from 'commander';
import type { CleanItem } from '../core/clean/item';
import { planCleanUp } from '../core/clean/plan';
import { age, ages, groupItems, size } from '../core/clean/words';
import { folderStanding, openFolder } from '../core/store/folder';
import { readTmuxSessions } from '../core/store/tmuxSessions';
import { isoTime } from '../core/support/clock';
import { type Context, type FolderOptions, openContext, withFolder } from './context';
import { commandFor, note, plain, print, printJson, table } from './print';
import { checkReply } from './request';
import { whileRunning } from './runnerKeeper';

/** So many items of a kind are listed by name. */
const listed = 20;

/** Removing many files can take a while, in milliseconds. */
const replyLimit = 120_000;

/** `courier clean`: lists what can go, and removes it only with `--yes`. */
export function registerClean(program: Command): void {
  const command = program
    .command('clean')
    .description('list what can be removed: leftovers of ended agents, and old prompts and answers (courier.keepDays)')
    .option('--yes', 'remove what is listed');
  withFolder(command, { json: true }).action(async (options: FolderOptions & { yes?: boolean }) => {
    const context = await openContext(options);
    await (options.yes ? clean(context, options.json) : list(context, options.json));
  });
}

async function list(context: Context, json: boolean | undefined): Promise<void> {
  const items = await plan(context);
  if (json) return showJson(items, new Set());
  show(context, items);
  if (items.length > 0) note(`Nothing was removed. To remove all of it: ${commandFor(context, 'clean', '--yes')}`);
}

async function clean(context: Context, json: boolean | undefined): Promise<void> {
  const { layout, user, clock, client } = context;
  await openFolder(layout, user, clock);
  await whileRunning(context, async () => {
    const items = await plan(context);
    if (!json) show(context, items);
    const ids = items.map(({ id }) => id);
    if (ids.length > 0)
      checkReply(await client.request({ action: 'clean_up', items: ids, requested_by: 'courier clean' }, replyLimit));
    const left = new Set((await plan(context)).map(({ id }) => id));
    const removed = new Set(ids.filter((id) => !left.has(id)));
    if (json) return showJson(items, removed);
    const kept = ids.length - removed.size;
    if (ids.length > 0) note(`${removed.size} removed${kept > 0 ? `, ${kept} still there` : ''}.`);
  });
}

async function plan({ layout, user, settings, clock }: Context): Promise<CleanItem[]> {
  const standing = await folderStanding(layout, user);
  if (standing.kind !== 'own') return [];
  const folder = user.folder(standing.registration.folder_id);
  return planCleanUp({ layout, folder, settings, clock, tmux: await readTmuxSessions(folder) });
}

function showJson(items: readonly CleanItem[], removed: ReadonlySet<string>): void {
  const rows = items.map(({ id, kind, name, files, bytes, changed }) => {
    return { id, kind, name, files, bytes, changed_at: isoTime(changed), removed: removed.has(id) };
  });
  printJson({ version: '1.0', items: rows });
}

function show({ clock, settings }: Context, items: readonly CleanItem[]): void {
  const now = clock.now();
  const lines = groupItems(items, now).flatMap((group) => {
    const rows = group.items.slice(0, listed).map((item) => [item.name, size(item.bytes), age(now - item.changed)]);
    const more = group.items.length - rows.length;
    return [
      `${group.title}: ${group.items.length}, ${size(group.bytes)}, ${ages(group)} old`,
      ...table(rows).map((row) => `  ${row}`),
      ...(more > 0 ? [`  and ${more} more`] : []),
      '',
    ];
  });
  if (settings.keep_days === 0) lines.push('Prompts and answers are all kept (courier.keepDays is 0).');
  print(plain((items.length > 0 ? lines : ['nothing to clean up', '', ...lines]).join('\n').trim()));
}
