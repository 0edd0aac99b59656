import * as fs from 'node:fs/promises';
import * as path from 'node:path';

const commit = /^[0-9a-f]{40}([0-9a-f]{24})?$/;

/** The commit that HEAD of the repository around a folder names; undefined when there is none. Reads files, runs nothing. */
export async function gitHead(folder: string): Promise<string | undefined> {
  const gitDir = await findGitDir(folder);
  if (gitDir === undefined) return undefined;
  const head = await text(path.join(gitDir, 'HEAD'));
  const ref = head?.startsWith('ref: ') ? head.slice(5) : undefined;
  if (ref === undefined) return asCommit(head);
  // A worktree keeps its HEAD apart, and its branches in the main repository.
  const shared = path.resolve(gitDir, (await text(path.join(gitDir, 'commondir'))) ?? '.');
  for (const dir of new Set([gitDir, shared])) {
    const found = asCommit(await text(path.join(dir, ...ref.split('/').filter((part) => part !== '..'))));
    if (found) return found;
  }
  const packed = (await text(path.join(shared, 'packed-refs'))) ?? '';
  return asCommit(
    packed
      .split('\n')
      .find((line) => line.endsWith(` ${ref}`))
      ?.split(' ')[0],
  );
}

async function findGitDir(folder: string): Promise<string | undefined> {
  for (let dir = folder; ; dir = path.dirname(dir)) {
    const git = path.join(dir, '.git');
    const pointer = await text(git);
    if (pointer?.startsWith('gitdir: ')) return path.resolve(dir, pointer.slice(8));
    if ((await text(path.join(git, 'HEAD'))) !== undefined) return git;
    if (path.dirname(dir) === dir) return undefined;
  }
}

function asCommit(words: string | undefined): string | undefined {
  return words !== undefined && commit.test(words) ? words : undefined;
}

async function text(file: string): Promise<string | undefined> {
  try {
    return (await fs.readFile(file, 'utf8')).trim();
  } catch {
    return undefined;
  }
}
