import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { namesIn } from '../store/userState';
import { hasCode } from '../support/errors';

/**
 * The hook script: it keeps one event as one file, whole or not at all, prints nothing (what a hook prints can become
 * part of the conversation), and never makes the CLI fail. The command line that names it is fixed; values come
 * through the environment.
 */
export const hookScript = `#!/bin/sh
umask 077
tmp=$(mktemp "$COURIER_RECEIPTS/.XXXXXXXXXX" 2>/dev/null) || exit 0
cat >"$tmp" 2>/dev/null && mv "$tmp" "$COURIER_RECEIPTS/\${tmp##*/.}.json" 2>/dev/null
exit 0
`;

/**
 * The hook command as a CLI is given it. It is run by a shell, so that the quotes keep any path whole. A hook that
 * exits with 2 makes Claude Code drop the prompt (measured, with a script that wasn't there), so it never may.
 */
export const hookCommand = 'sh "$COURIER_HOOK" || exit 0';

/** A receipt file above this size is not read: a tool event can carry a whole file's text. */
const maxBytes = 16 * 1024 * 1024;

/** A folder of receipts, read in the order in which they came. Files stay until the launch is removed, so that a later runner can read them again. */
export class ReceiptFolder {
  private readonly seen = new Set<string>();

  constructor(readonly dir: string) {}

  /** Removes the receipts that were read. */
  async clear(): Promise<void> {
    for (const name of this.seen) await fs.rm(path.join(this.dir, name), { force: true, recursive: true });
    this.seen.clear();
  }

  /** The payloads that came since the last call, oldest first. One that is no JSON is passed over. */
  async readNew(): Promise<unknown[]> {
    const names = (await namesIn(this.dir)).filter(
      (name) => !name.startsWith('.') && name.endsWith('.json') && !this.seen.has(name),
    );
    const files = await Promise.all(
      names.map(async (name) => ({ name, stat: await statOf(path.join(this.dir, name)) })),
    );
    const payloads: unknown[] = [];
    const age = (file: (typeof files)[number]) => file.stat?.mtimeNs ?? 0n;
    // Two files of one step of the file system's clock: an agent that counts its events says so in their names.
    for (const { name, stat } of files.sort((a, b) => Number(age(a) - age(b)) || (a.name < b.name ? -1 : 1))) {
      if (!stat) continue;
      this.seen.add(name);
      if (!stat.isFile() || stat.size > maxBytes) continue;
      try {
        payloads.push(JSON.parse(await fs.readFile(path.join(this.dir, name), 'utf8')));
      } catch (error) {
        if (!(error instanceof SyntaxError) && !hasCode(error, 'ENOENT')) throw error;
      }
    }
    return payloads;
  }
}

async function statOf(file: string) {
  try {
    return await fs.lstat(file, { bigint: true });
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}
