import * as fs from 'node:fs/promises';
import * as path from 'node:path';

/** What below these folders (and they themselves) somebody else could read or write: every file that is not 0600, every folder that is not 0700. */
export async function openToOthers(...dirs: string[]): Promise<string[]> {
  const found: string[] = [];
  const look = async (file: string): Promise<void> => {
    // A temporary file may have been moved into place meanwhile.
    const stat = await fs.lstat(file).catch(() => undefined);
    if (!stat || stat.isSocket()) return;
    const permissions = stat.mode & 0o777;
    if (permissions !== (stat.isDirectory() ? 0o700 : 0o600)) found.push(`${file} ${permissions.toString(8)}`);
    if (stat.isDirectory()) for (const name of await fs.readdir(file)) await look(path.join(file, name));
  };
  for (const dir of dirs) await look(dir);
  return found;
}
