import * as fs from 'node:fs/promises';
import * as path from 'node:path';

/** What Claude Code 2.1.197 wrote (test/fixtures/conversations/claude), with the folder that it was in put in its place. */
export type Recorded = 'terminal' | 'courier';

/** The ids that the recorded conversations have within their lines. */
export const recordedIds = {
  terminal: '1db6ebe0-0a2f-43f5-bfc2-87c8b4cb61ab',
  courier: 'bdd10108-ec16-42a8-994a-4a7d6ff9be12',
} as const satisfies Record<Recorded, string>;

export const recorded = async (name: string, workspace: string): Promise<string> => {
  const file = path.join(
    process.env.COURIER_REPO ?? process.cwd(),
    'test',
    'fixtures',
    'conversations',
    'claude',
    name,
  );
  const inJson = JSON.stringify(workspace).slice(1, -1);
  return (await fs.readFile(file, 'utf8')).replaceAll('{{workspace}}', inJson);
};

/** The folder in which Claude Code keeps what is said in a workspace. */
export const projectFolder = (config: string, workspace: string): string =>
  path.join(config, 'projects', workspace.replace(/[^a-zA-Z0-9]/g, '-'));

/** Puts a recorded conversation where Claude Code keeps it, and returns its file. */
export async function storeRecorded(config: string, workspace: string, which: Recorded): Promise<string> {
  const dir = projectFolder(config, workspace);
  await fs.mkdir(dir, { recursive: true });
  const file = path.join(dir, `${recordedIds[which]}.jsonl`);
  await fs.writeFile(file, await recorded(`${which}.jsonl`, workspace));
  return file;
}

/** Says of a process that it is a CLI which has this conversation open, as a live one does. */
export async function storeLive(
  config: string,
  workspace: string,
  live: { pid: number; sessionId: string; procStart?: string },
): Promise<void> {
  const file = { ...JSON.parse(await recorded('live.json', workspace)), ...live };
  await fs.mkdir(path.join(config, 'sessions'), { recursive: true });
  await fs.writeFile(path.join(config, 'sessions', `${live.pid}.json`), JSON.stringify(file));
}
