import { createHash } from 'node:crypto';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';

/** What Gemini CLI 0.61.0 wrote (test/fixtures/conversations/gemini): begun in a terminal, and by `gemini -p`. The folder and its hash are put in their places. */
export type RecordedGemini = 'terminal' | 'program';

/** The ids that the recorded conversations have within their lines. */
export const geminiIds = {
  terminal: '22164055-1cbc-45e5-b45e-c7648c787f98',
  program: '75db7455-626a-4b3b-bdca-758a3caeace3',
} as const satisfies Record<RecordedGemini, string>;

export const hashOf = (workspace: string): string => createHash('sha256').update(workspace).digest('hex');

/** The folder of a workspace in `~/.gemini`, which is marked as its own. */
export async function geminiFolder(gemini: string, workspace: string, name = 'work'): Promise<string> {
  const dir = path.join(gemini, 'tmp', name);
  await fs.mkdir(path.join(dir, 'chats'), { recursive: true });
  await fs.writeFile(path.join(dir, '.project_root'), workspace);
  return dir;
}

/** Where Gemini CLI keeps a conversation. */
export const chat = (dir: string, id: string): string =>
  path.join(dir, 'chats', `session-2026-11-28T15-34-${id.slice(0, 8)}.jsonl`);

/** Puts a recorded conversation where Gemini CLI keeps it, and returns its file. */
export async function storeGemini(dir: string, workspace: string, which: RecordedGemini): Promise<string> {
  const repo = process.env.COURIER_REPO ?? process.cwd();
  const recorded = path.join(repo, 'test', 'fixtures', 'conversations', 'gemini', `${which}.jsonl`);
  const inJson = JSON.stringify(workspace).slice(1, -1);
  const text = (await fs.readFile(recorded, 'utf8'))
    .replaceAll('{{workspace}}', inJson)
    .replaceAll('{{hash}}', hashOf(workspace));
  const file = chat(dir, geminiIds[which]);
  await fs.writeFile(file, text);
  return file;
}
