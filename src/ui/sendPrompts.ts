import * as vscode from 'vscode';
import { systemClock } from '../core/support/clock';
import { CourierError } from '../core/support/errors';
import { fenced } from '../core/templates/fence';
import { translated } from './coreWords';
import type { CourierFolder } from './courierFolder';
import { t } from './l10n';
import type { LogChannel } from './logChannel';
import { pickOne } from './messages';
import { isNode } from './nodes';
import type { OutputOpener } from './outputOpener';
import { withoutIcons } from './plainText';
import { showStart } from './progress';
import { type DocumentItem, type PromptItem, placeOf, textOf, withPlace } from './promptItem';
import type { SessionPicker, Target } from './sessionPicker';

/** What everything that sends needs. */
export interface SendServices {
  log: LogChannel;
  picker: SessionPicker;
  opener: OutputOpener;
}

/** The folder to send in: that of the tree item which a command came with, the one around a file, or the one that is chosen. Throws `not_adopted`. */
export async function chooseFolder(
  { picker }: SendServices,
  item: unknown,
  near?: vscode.Uri,
): Promise<CourierFolder | undefined> {
  const folder = isNode(item, 'session') ? item.folder : await picker.pickFolder(near);
  if (folder?.snapshot?.standing.kind !== 'foreign') return folder;
  throw new CourierError(
    'not_adopted',
    t(
      '{0}, so nothing was sent. Adopt the folder if you trust what it holds.',
      translated(folder.snapshot.standing.why),
    ),
  );
}

/** The session to send to: that of the tree item which a command came with, or the one that is chosen. */
export async function chooseTarget(
  { picker }: SendServices,
  item: unknown,
  folder: CourierFolder,
): Promise<Target | undefined> {
  return isNode(item, 'session') ? { session_id: item.session.metadata.session_id } : picker.pickTarget(folder);
}

/** Makes the session of a target that is not there yet, unless its first job makes it just so. */
export async function makeSession(folder: CourierFolder, { session_id, create }: Target): Promise<void> {
  if (create && (create.name !== session_id || create.subagent))
    await folder.request({ action: 'create_session', session_id, ...create });
}

/** Sends one job for each prompt, in their order, into one session. Returns their ids. */
export async function sendAll(
  services: SendServices,
  folder: CourierFolder,
  target: Target,
  items: readonly PromptItem[],
): Promise<string[]> {
  const { session_id, create } = target;
  const group_id = items.length > 1 ? `g-${systemClock.random().slice(0, 8)}` : undefined;
  await makeSession(folder, target);
  const ids: string[] = [];
  for (const item of items) {
    const { prompt, source } = withPlace(item, folder.layout.workspace);
    const jobId = await folder.send({ session_id, agent: create?.agent, prompt, source, group_id });
    services.opener.expect(folder, jobId, item.name);
    ids.push(jobId);
  }
  services.picker.remember(folder, session_id);
  if (create) void showStart(folder, session_id, create.name);
  const [only] = items;
  const to = create?.name ?? session_id;
  const said =
    items.length === 1 && only ? t('Sent "{0}" to {1}', only.name, to) : t('Sent {0} prompts to {1}', items.length, to);
  vscode.window.setStatusBarMessage(`$(send) ${withoutIcons(said)}`, 4000);
  return ids;
}

/** Whether several files become one job each or one job together; undefined when nothing was chosen. */
export async function askHowMany(count: number): Promise<'each' | 'together' | undefined> {
  if (count === 1) return 'each';
  const rows = [
    {
      label: t('One job for each file'),
      detail: t('{0} jobs, one after the other, and an answer for each', count),
      how: 'each' as const,
    },
    {
      label: t('One job for all files'),
      detail: t('The agent gets all {0} files in one prompt, and writes one answer', count),
      how: 'together' as const,
    },
  ];
  return (await pickOne(rows, { title: t('Send {0} Files', count) }))?.how;
}

/** One prompt of several files: each whole, below its path. */
export async function joined(items: readonly DocumentItem[], folder: CourierFolder): Promise<PromptItem> {
  const blocks = items.map(async (item) => {
    const place = placeOf(item.uri, folder.layout.workspace) ?? item.name;
    return `## ${place.replace(/[\x00-\x1f\x7f]/g, ' ')}\n\n${fenced(await textOf(item), item.source.language)}`;
  });
  const text = (await Promise.all(blocks)).join('\n');
  return { name: t('{0} files', items.length), prompt: { text } };
}
