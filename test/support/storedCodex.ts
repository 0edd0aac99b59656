import * as fs from 'node:fs/promises';
import * as path from 'node:path';

/**
 * What Codex 0.169.0 wrote (test/fixtures/conversations/codex): begun in a terminal, by us, and by `codex exec`. The folder, and the
 * instructions of 20 kB that stand in the first line, are put in their places; lines that nobody reads were left out.
 */
export type RecordedCodex = 'terminal' | 'courier' | 'exec';

/** The ids that the recorded conversations have within their lines. */
export const codexIds = {
  terminal: '01a221fa-3e13-7311-a721-4c0514535528',
  courier: '01a221fa-577c-7ee3-b40f-b8fb17175b43',
  exec: '01a221fa-5d4d-7d10-a848-b8c7b763daf4',
} as const satisfies Record<RecordedCodex, string>;

/** The text of a recorded conversation, as if begun in this folder. */
export async function recordedCodex(which: RecordedCodex, workspace: string): Promise<string> {
  const repo = process.env.COURIER_REPO ?? process.cwd();
  const file = path.join(repo, 'test', 'fixtures', 'conversations', 'codex', `${which}.jsonl`);
  const inJson = JSON.stringify(workspace).slice(1, -1);
  const text = await fs.readFile(file, 'utf8');
  return text.replaceAll('{{workspace}}', inJson).replace('{{instructions}}', 'x'.repeat(20_000));
}

/** Where Codex keeps a conversation that was begun on this day. */
export const rollout = (home: string, id: string, day = '2026/11/28'): string =>
  path.join(home, 'sessions', day, `rollout-${day.replaceAll('/', '-')}T11-46-17-${id}.jsonl`);

/** Puts a text where Codex keeps a conversation, and returns its file. */
export async function storeRollout(home: string, id: string, text: string, day?: string): Promise<string> {
  const file = rollout(home, id, day);
  await fs.mkdir(path.dirname(file), { recursive: true });
  await fs.writeFile(file, text);
  return file;
}

/** Puts a recorded conversation where Codex keeps it, and returns its file. */
export async function storeCodex(home: string, workspace: string, which: RecordedCodex): Promise<string> {
  return storeRollout(home, codexIds[which], await recordedCodex(which, workspace));
}

/** Puts the file there by whose lock Codex says who has a conversation open, and returns it. */
export async function storeLock(home: string, id: string): Promise<string> {
  const file = path.join(home, 'thread-writer-locks', `${id}.lock`);
  await fs.mkdir(path.dirname(file), { recursive: true });
  await fs.writeFile(file, '');
  return file;
}
