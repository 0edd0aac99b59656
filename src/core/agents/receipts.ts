import { lstatSync, readFileSync, rmSync } from 'node:fs';
import * as path from 'node:path';
import { fewNamesIn } from '../store/userState';
import { hasCode, isRefusedByDisk, messageOf } from '../support/errors';

/**
 * The hook script: it keeps one event as one file, whole or not at all, prints nothing (what a hook prints can become
 * part of the conversation), and never makes the CLI fail. The command line that names it is fixed; values come
 * through the environment.
 *
 * With the CLI's process id as its argument it then waits for a decision on what the event asks for, and prints that
 * as it is. While it waits its mark stands beside the decision's place; it ends when the mark is taken away, when the
 * CLI has ended (which leaves a waiting hook behind, measured), and when no runner is alive: `alive` isn't there, or
 * wasn't touched since the mark was, about 4 s before (twice a runner's heartbeat).
 */
export const hookScript = `#!/bin/sh
umask 077
tmp=$(mktemp "$COURIER_RECEIPTS/.XXXXXXXXXX" 2>/dev/null) || exit 0
id=\${tmp##*/.}
cat >"$tmp" 2>/dev/null || exit 0
mark=$COURIER_DECISIONS/$id.waiting
decision=$COURIER_DECISIONS/$id.json
[ $# -gt 0 ] && touch "$mark" 2>/dev/null
mv "$tmp" "$COURIER_RECEIPTS/$id.json" 2>/dev/null
[ $# -gt 0 ] || exit 0
trap 'rm -f "$mark"; exit 0' HUP INT TERM
looks=0
while [ -e "$mark" ] && [ -e "$COURIER_ALIVE" ] && kill -0 "$1" 2>/dev/null; do
  if [ -e "$decision" ]; then
    mv "$decision" "$mark" && cat "$mark"
    break
  fi
  looks=$((looks + 1))
  if [ "$looks" -ge 18 ]; then
    [ "$COURIER_ALIVE" -nt "$mark" ] || break
    touch -c "$mark"
    looks=0
  fi
  sleep 0.2
done
rm -f "$mark"
exit 0
`;

/**
 * The hook command as a CLI is given it. It is run by a shell, so that the quotes keep any path whole. A hook that
 * exits with 2 makes Claude Code drop the prompt (measured, with a script that wasn't there), so it never may.
 */
export const hookCommand = 'sh "$COURIER_HOOK" || exit 0';

/** The same for an event that waits for a decision: the parent of the shell that runs it is the CLI. */
export const waitingHookCommand = 'sh "$COURIER_HOOK" "$PPID" || exit 0';

/** A receipt file above this size is not read: a tool event can carry a whole file's text. */
const maxBytes = 16 * 1024 * 1024;

/** A folder of receipts, read in the order in which they came. Files stay until the launch is removed, so that a later runner can read them again. */
export class ReceiptFolder {
  private readonly seen = new Set<string>();
  /** Those that were there and could not be read when they were tried. */
  private readonly refused = new Set<string>();

  /** `say` is told of each file that is no receipt. */
  constructor(
    readonly dir: string,
    private readonly say: (message: string) => void = () => {},
  ) {}

  /** Removes the receipts that were read, and those that could not be. */
  async clear(): Promise<void> {
    for (const names of [this.seen, this.refused]) {
      for (const name of names) rmSync(path.join(this.dir, name), { force: true, recursive: true });
      names.clear();
    }
  }

  /** What came since the last call, oldest first, each with its file's name. One that is no JSON is passed over, and said. */
  async readNew(): Promise<{ id: string; payload: unknown }[]> {
    const names = fewNamesIn(this.dir).filter(
      (name) => !name.startsWith('.') && name.endsWith('.json') && !this.seen.has(name),
    );
    const files = names.map((name) => ({ name, stat: statOf(path.join(this.dir, name)) }));
    const found: { id: string; payload: unknown }[] = [];
    const age = (file: (typeof files)[number]) => file.stat?.mtimeNs ?? 0n;
    // Two files of one step of the file system's clock: an agent that counts its events says so in their names.
    for (const { name, stat } of files.sort((a, b) => Number(age(a) - age(b)) || (a.name < b.name ? -1 : 1))) {
      if (!stat) continue;
      this.seen.add(name);
      const file = path.join(this.dir, name);
      if (!stat.isFile() || stat.size > maxBytes) {
        this.say(`${file} is no receipt: ${stat.isFile() ? 'it is larger than 16 MB' : 'it is no regular file'}`);
        continue;
      }
      try {
        const payload: unknown = JSON.parse(readFileSync(file, 'utf8'));
        found.push({ id: name.slice(0, -'.json'.length), payload });
      } catch (error) {
        // Others that came with it may say that a turn has ended.
        if (!hasCode(error, 'ENOENT') && !this.refused.has(name))
          this.say(`${file} can't be read as a receipt: ${messageOf(error)}`);
        if (!isRefusedByDisk(error)) continue;
        // It may be read later, and be the one proof of what was done.
        this.refused.add(name);
        this.seen.delete(name);
      }
    }
    return found;
  }
}

const statOf = (file: string) => lstatSync(file, { bigint: true, throwIfNoEntry: false });
