import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import fc from 'fast-check';
import { createAgent } from '../../../src/core/agents/registry';
import { Request, type RequestInput } from '../../../src/core/model/request';
import { loadSessions } from '../../../src/core/runner/loadSessions';
import { writePromptFile } from '../../../src/core/runner/promptFile';
import { takeAnswers } from '../../../src/core/runner/takeAnswers';
import { takeRequests } from '../../../src/core/runner/takeRequests';
import { readReply } from '../../../src/core/store/inbox';
import { readJson } from '../../../src/core/store/jsonFile';
import { badJson } from './badText';
import { holds, type Property } from './property';
import { SeededFolder, whereKept } from './seededFolder';

const base = { version: '1.0', id: 'r-1', requested_by: 'test' } as const;

/** One request of each action with all of its fields. */
export const requests = [
  {
    ...{
      ...base,
      action: 'enqueue',
      session_id: 'main',
      agent: 'demo',
      prompt: 'Do it.',
      type: 'task',
      mode: 'session',
    },
    ...{ timeout_s: 30, group_id: 'g-1', follows: 'j-next' },
    source: { path: 'src/a.ts', language: 'typescript', start_line: 10, end_line: 42, dirty: false, git_head: 'abc' },
  },
  { ...base, action: 'enqueue', session_id: 'fresh', prompt_file: 'p.prompt.md', mode: 'fresh' },
  ...(['cancel', 'retry', 'pause', 'resume'] as const).map((action) => ({ ...base, action, job_id: 'j-next' })),
  { ...base, action: 'update', job_id: 'j-next', prompt: 'Do it otherwise.' },
  { ...base, action: 'update', job_id: 'j-next', prompt_file: 'p.prompt.md' },
  { ...base, action: 'update', job_id: 'j-next' },
  { ...base, action: 'move', job_id: 'j-next', before: 'j-later', session_id: 'main' },
  { ...base, action: 'move', job_id: 'j-next', session_id: 'other' },
  ...(['pause_session', 'resume_session'] as const).map((action) => ({ ...base, action, session_id: 'main' })),
  { ...base, action: 'create_session', session_id: 'made', agent: 'demo', name: 'Made' },
  { ...base, action: 'create_session', session_id: 'other', agent: 'demo', subagent: 'reviewer' },
  { ...base, action: 'rename_session', session_id: 'main', name: 'Renamed' },
  { ...base, action: 'restore_session', session_id: 'gone' },
  { ...base, action: 'purge_session', session_id: 'gone' },
  { ...base, action: 'clean_up', items: ['job:main:j-done-main', 'file:.courier/x'] },
  { ...base, action: 'kill_unmanaged', tmux_session: 'theirs' },
  { ...base, action: 'recover_session', session_id: 'main', recovery: 'restart_tmux' },
] as unknown as readonly RequestInput[];

/** Whatever a program leaves in the inbox: it is done or refused, once, and all others are done as well. */
export const requestProperties: Property[] = [
  {
    name: 'a request: it is answered or rejected with the reason, its bytes are kept, and the next one is done',
    async check(runs, onTry) {
      const folder = await SeededFolder.make();
      const known = createAgent('demo', folder.context.settings, { node: 'node', script: 'demo' });
      folder.context.launcher.agent = (id) =>
        id === 'demo' ? known : createAgent(id, folder.context.settings, { node: 'node', script: 'demo' });
      try {
        const input = fc.constantFrom(...requests).chain((request) => badJson(request));
        await holds(input, runs, (bytes) => ask(folder, bytes), onTry);
      } finally {
        await folder.remove();
      }
    },
  },
  {
    name: 'an answer to a dialog: it is refused with the reason, its bytes are kept, and the next one is heard',
    async check(runs, onTry) {
      const folder = await SeededFolder.make();
      try {
        await holds(
          badJson({ version: '1.0', id: 'r-1', target: 'main', dialog_id: 'd1', choice: 'yes' }),
          runs,
          (bytes) => answer(folder, bytes),
          onTry,
        );
      } finally {
        await folder.remove();
      }
    },
  },
];

async function ask(folder: SeededFolder, bytes: Buffer): Promise<void> {
  const { context } = folder;
  const { layout } = context;
  await folder.seed();
  for (const dir of [layout.inbox, layout.done, layout.rejected]) {
    await fs.rm(dir, { recursive: true, force: true });
    await fs.mkdir(dir);
  }
  await loadSessions(context);
  for (const job of context.sessions.get('main')!.jobs)
    await writePromptFile(layout.workspace, job, { text: `Do ${job.job_id}.` });
  await fs.writeFile(path.join(layout.inbox, 'p.prompt.md'), 'A prompt.');
  const file = path.join(layout.inbox, 'r-1.json');
  await fs.writeFile(file, bytes);
  const read = await readJson(Request, file);
  context.logged.length = 0;
  await takeRequests(context);
  assert.deepEqual(await waiting(folder), []);
  const reply = await readReply(layout, 'r-1');
  assert.ok(reply, `no reply; the log: ${context.logged.join('\n')}`);
  if (read.kind !== 'ok') {
    assert.ok(!reply.ok && reply.error?.includes(file), JSON.stringify(reply));
    assert.ok(await whereKept(layout.rejected, bytes), 'its bytes are gone');
    assert.ok(context.logged.join('\n').includes('r-1.json'));
  }
  await goesOn(folder);
}

/** The sessions' files can be written and read again, and a good request is done. */
async function goesOn(folder: SeededFolder): Promise<void> {
  const { context } = folder;
  const good: RequestInput = { ...base, id: 'j-good', action: 'enqueue', session_id: 'other', prompt: 'Good.' };
  await fs.writeFile(path.join(context.layout.inbox, 'j-good.json'), JSON.stringify(good));
  await takeRequests(context);
  assert.deepEqual(await readReply(context.layout, 'j-good'), { version: '1.0', id: 'j-good', ok: true });
  for (const session of context.sessions.values()) await session.flush();
  const jobs = () => [...context.sessions.values()].flatMap((session) => session.jobs.map((job) => job.job_id)).sort();
  const before = jobs();
  context.sessions.clear();
  context.logged.length = 0;
  await loadSessions(context);
  assert.deepEqual(jobs(), before);
  assert.deepEqual(context.logged, []);
}

async function waiting({ context }: SeededFolder): Promise<string[]> {
  return (await fs.readdir(context.layout.inbox)).filter((name) => name.endsWith('.json'));
}

async function answer({ context }: SeededFolder, bytes: Buffer): Promise<void> {
  const { answers, answersDone } = context.folder;
  await fs.rm(answers, { recursive: true });
  await fs.mkdir(answersDone, { recursive: true });
  await fs.writeFile(path.join(answers, 'r-1.json'), bytes);
  await fs.writeFile(
    path.join(answers, 'r-2.json'),
    '{"version":"1.0","id":"r-2","target":"main","dialog_id":"d","choice":"c"}',
  );
  await takeAnswers(context);
  assert.deepEqual(
    (await fs.readdir(answers)).filter((name) => name.endsWith('.json')),
    [],
  );
  const error = async (id: string) => JSON.parse(await fs.readFile(path.join(answersDone, `${id}.json`), 'utf8')).error;
  assert.match(await error('r-2'), /waits for nothing/);
  const first: string = await error('r-1');
  if (/waits for nothing/.test(first)) return;
  const kept = await whereKept(answers, bytes);
  assert.ok(kept && first.includes(kept), first);
}
