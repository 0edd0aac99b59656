import * as path from 'node:path';
import { temporaryFiles } from '../store/temporaryFiles';
import { freshPrefix } from '../tmux/names';
import { draftItems } from './draftFolders';
import { type CleanContext, type CleanItem, cleanKinds } from './item';
import { launchItems } from './launches';
import { monitorLogItems, oldJobItems } from './oldJobs';

/** Everything that can be cleaned up now, by kind and then oldest first. Reads only; nothing of a live job or session is in it. */
export async function planCleanUp(context: CleanContext): Promise<CleanItem[]> {
  const parts = [
    tmuxItems(context),
    launchItems(context),
    draftItems(context),
    temporaryItems(context),
    oldJobItems(context),
    monitorLogItems(context),
  ];
  const items = (await Promise.all(parts)).flat();
  const order = (item: CleanItem) => cleanKinds.indexOf(item.kind);
  return items.sort((a, b) => order(a) - order(b) || a.changed - b.changed);
}

/** tmux sessions with our prefix that belong to nothing any more. Those with other names are a person's own. */
async function tmuxItems({ tmux, settings }: CleanContext): Promise<CleanItem[]> {
  return tmux
    .filter(({ managed, name }) => !managed && name.startsWith(settings.tmux_prefix))
    .map(({ name, created_at }) => ({
      id: `tmux:${name}`,
      kind: name.startsWith(freshPrefix(settings)) ? 'fresh' : 'orphan',
      name,
      files: [],
      bytes: 0,
      changed: Date.parse(created_at),
    }));
}

async function temporaryItems({ layout, folder, clock }: CleanContext): Promise<CleanItem[]> {
  const found = await temporaryFiles(layout, folder, clock.now());
  return found.map(({ file, bytes, changed }) => {
    const own = file.startsWith(layout.root + path.sep);
    const name = own ? layout.relative(file) : file;
    return { id: `file:${name}`, kind: 'temporary', name, files: [file], bytes, changed };
  });
}
