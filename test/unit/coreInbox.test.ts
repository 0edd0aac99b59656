import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import type { RequestInput } from '../../src/core/model/request';
import { loadSessions } from '../../src/core/runner/loadSessions';
import { takeRequests } from '../../src/core/runner/takeRequests';
import type { CoalescedFile } from '../../src/core/store/coalescedFile';
import { readHistory } from '../../src/core/store/history';
import { awaitReply, dropPromptFile, dropRequest, readReply } from '../../src/core/store/inbox';
import { writeJson } from '../../src/core/store/jsonFile';
import { findJob } from '../../src/core/store/snapshot';
import { systemClock } from '../../src/core/support/clock';
import { makeRequestContext } from '../support/requestContext';
import { makeTempDir, type TempDir } from '../support/tempDir';

describe('inbox', () => {
  let temp: TempDir;
  let context: Awaited<ReturnType<typeof makeRequestContext>>;
  beforeEach(async () => {
    temp = await makeTempDir();
    context = await makeRequestContext(temp.path, systemClock);
  });
  afterEach(() => temp.remove());

  const enqueue = (id: string, more: object = {}): RequestInput =>
    ({ version: '1.0', id, action: 'enqueue', session_id: 'main', prompt: `do ${id}`, ...more }) as RequestInput;
  const drop = (request: RequestInput) => dropRequest(context.layout, request);
  const inInbox = (name: string) => path.join(context.layout.inbox, name);
  const rejection = async (id: string) => (await readReply(context.layout, id))?.error;
  const jobs = (session = 'main') => context.sessions.get(session)?.jobs.map((job) => job.job_id) ?? [];
  /** All that stands in the inbox itself. */
  const waiting = async () => (await fs.readdir(context.layout.inbox)).filter((n) => n !== 'done' && n !== 'rejected');

  it('makes a job of a request: prompt file, queue, reply; nothing stays in the inbox', async () => {
    await drop(enqueue('j-1', { timeout_s: 7, source: { path: 'a.ts', start_line: 1 }, requested_by: 'me' }));
    assert.equal(await takeRequests(context), 1);
    assert.deepEqual(await readReply(context.layout, 'j-1'), { version: '1.0', id: 'j-1', ok: true });
    assert.deepEqual(await waiting(), []);
    const job = (await findJob(context.layout, 'j-1'))!;
    assert.equal(job.status, 'pending');
    assert.deepEqual([job.attempts, job.timeout_s, job.title, job.agent], [0, 7, 'do j-1', 'demo']);
    assert.match(await fs.readFile(path.join(context.layout.workspace, job.prompt_path), 'utf8'), /\ndo j-1\n/);
    assert.equal(await takeRequests(context), 0);
  });

  it('answers the same id twice and does it once, also for another runner after it', async () => {
    for (const prompt of ['first', 'second']) {
      await drop(enqueue('j-1', { prompt }));
      await takeRequests(context);
      assert.equal((await readReply(context.layout, 'j-1'))?.ok, true);
    }
    // As after a crash between the queue's write and the answer's.
    await fs.rm(path.join(context.layout.done, 'j-1.json'));
    await drop(enqueue('j-1', { prompt: 'third' }));
    context.sessions.clear();
    await loadSessions(context);
    await takeRequests(context);
    assert.equal((await readReply(context.layout, 'j-1'))?.ok, true);
    assert.deepEqual(jobs(), ['j-1']);
    assert.equal((await fs.readdir(context.layout.session('main').prompts)).length, 1);
    assert.deepEqual(await waiting(), []);
  });

  it('takes a request again that a killed runner had begun with, and leaves one prompt file, whole', async () => {
    await drop(enqueue('j-1'));
    const kept = path.join(temp.path, 'kept');
    await fs.link(inInbox('j-1.json'), kept);
    await takeRequests(context);
    const { prompt_path, output_path } = context.sessions.get('main')!.job('j-1')!;
    // Its queue and its reply were not written yet, and its prompt file only half.
    await fs.rm(path.join(context.layout.done, 'j-1.json'));
    await fs.writeFile(path.join(context.layout.workspace, prompt_path), 'half');
    context.sessions.get('main')!.jobs.length = 0;
    await fs.rename(kept, inInbox('j-1.json'));
    await takeRequests(context);
    const job = context.sessions.get('main')!.job('j-1')!;
    assert.deepEqual([job.prompt_path, job.output_path], [prompt_path, output_path]);
    assert.deepEqual(await fs.readdir(context.layout.session('main').prompts), [path.basename(prompt_path)]);
    assert.match(await fs.readFile(path.join(context.layout.workspace, prompt_path), 'utf8'), /\ndo j-1\n/);
  });

  it('knows an id whose job has ended, by the history and by what ended since it was read', async () => {
    await drop(enqueue('j-0'));
    await takeRequests(context);
    const session = context.sessions.get('main')!;
    const end = async (id: string) => {
      await session.keepEnd({ ...session.job(id)!, status: 'completed' });
      session.removeJob(id);
      await fs.rm(path.join(context.layout.done, `${id}.json`));
    };
    await end('j-0');
    for (const id of ['j-0', 'j-1', 'j-0', 'j-1']) {
      await drop(enqueue(id));
      await takeRequests(context);
      assert.equal((await readReply(context.layout, id))?.ok, true);
      if (session.job(id)) await end(id);
    }
    assert.deepEqual(jobs(), []);
    assert.equal((await readHistory(session.files, 10)).length, 2);
  });

  it('repeats a failure for the same id, and does not call it done', async () => {
    for (let i = 0; i < 2; i++) {
      await drop({ version: '1.0', id: 'r-1', action: 'cancel', job_id: 'j-none' });
      await takeRequests(context);
      const reply = await readReply(context.layout, 'r-1');
      assert.equal(reply?.ok, false);
      assert.match(reply?.error ?? '', /j-none/);
    }
  });

  it('takes them oldest first', async () => {
    const order = ['j-c', 'j-a', 'j-b'];
    for (const [i, id] of order.entries()) {
      await drop(enqueue(id));
      await fs.utimes(inInbox(`${id}.json`), 1000 + i, 1000 + i);
    }
    await takeRequests(context);
    assert.deepEqual(jobs(), order);
  });

  it('rejects, with the reason, whatever it does not understand, and takes the others', async () => {
    const raw: Record<string, string> = {
      'bad-json': '{"version":',
      empty: '',
      'wrong-version': JSON.stringify({ ...enqueue('wrong-version'), version: '9.0' }),
      'wrong-id': JSON.stringify(enqueue('another')),
      'unknown-action': JSON.stringify({ version: '1.0', id: 'unknown-action', action: 'answer', session_id: 'main' }),
      'no-prompt': JSON.stringify({ ...enqueue('no-prompt'), prompt: undefined }),
      'unknown-agent': JSON.stringify(enqueue('unknown-agent', { agent: 'nobody' })),
      'missing-file': JSON.stringify({ ...enqueue('missing-file'), prompt: undefined, prompt_file: 'none.md' }),
      'path-in-file': JSON.stringify({ ...enqueue('path-in-file'), prompt: undefined, prompt_file: '../folder.json' }),
      'list-in-file': JSON.stringify({ ...enqueue('list-in-file'), prompt: undefined, prompt_file: 'done' }),
    };
    for (const [id, text] of Object.entries(raw)) await fs.writeFile(inInbox(`${id}.json`), text);
    await fs.mkdir(inInbox('folder.json'));
    await fs.writeFile(inInbox('folder.json/x'), '');
    await writeJson(path.join(temp.path, 'outside.json'), enqueue('link'));
    await fs.symlink(path.join(temp.path, 'outside.json'), inInbox('link.json'));
    await fs.writeFile(inInbox('a b.json'), '{}');
    await fs.writeFile(inInbox(`${'n'.repeat(248)}.json`), '{}');
    await drop(enqueue('good'));
    await takeRequests(context);
    for (const id of [...Object.keys(raw), 'folder', 'link', 'a b']) {
      assert.ok(await rejection(id), id);
      assert.ok(await fs.lstat(path.join(context.layout.rejected, `${id}.json`)), id);
    }
    assert.equal((await fs.readdir(context.layout.rejected)).filter((n) => n.startsWith('nnn')).length, 2);
    assert.deepEqual(jobs(), ['good']);
    assert.deepEqual(await waiting(), []);
    assert.ok(await fs.stat(path.join(temp.path, 'outside.json')));
  });

  it('rejects again what has been rejected under that name, whatever it was', async () => {
    await fs.mkdir(inInbox('x.json'));
    await fs.writeFile(inInbox('x.json/y'), '');
    await takeRequests(context);
    await fs.writeFile(inInbox('x.json'), 'no');
    await takeRequests(context);
    await fs.mkdir(inInbox('x.json'));
    await drop(enqueue('good'));
    await takeRequests(context);
    assert.deepEqual(await waiting(), []);
    assert.deepEqual(jobs(), ['good']);
    assert.equal((await fs.readdir(context.layout.rejected)).filter((n) => /^x(-\w+)?\.json$/.test(n)).length, 3);
  });

  it('lets names that start with a dot, or end otherwise, stand', async () => {
    for (const name of ['.j-1.json', 'notes.md', 'j-1.json.tmp']) await fs.writeFile(inInbox(name), '{');
    await takeRequests(context);
    assert.equal((await waiting()).length, 3);
  });

  it('takes a large prompt by a file, which is removed with its request', async () => {
    const text = 'x'.repeat(200_000);
    await drop(enqueue('j-1', { prompt: text }));
    const source = path.join(temp.path, 'prompt.txt');
    await fs.writeFile(source, text, { mode: 0o644 });
    const name = await dropPromptFile(context.layout, 'j-2', source);
    const { prompt, ...rest } = enqueue('j-2') as { prompt: string } & RequestInput;
    await drop({ ...rest, prompt_file: name } as RequestInput);
    assert.equal((await fs.stat(inInbox(name))).mode & 0o777, 0o600);
    await takeRequests(context);
    for (const id of ['j-1', 'j-2']) {
      const job = (await findJob(context.layout, id))!;
      const written = await fs.readFile(path.join(context.layout.workspace, job.prompt_path), 'utf8');
      assert.ok(written.includes(`\n${text}\n`), id);
    }
    assert.deepEqual(await waiting(), []);
    assert.equal(await fs.readFile(source, 'utf8'), text);
  });

  it('takes 1,000 requests in one look with few writes of the queue, soon', async () => {
    const ids = Array.from({ length: 1000 }, (_, i) => `j-${String(i).padStart(4, '0')}`);
    await Promise.all(ids.map((id) => fs.writeFile(inInbox(`${id}.json`), JSON.stringify(enqueue(id)))));
    const before = performance.now();
    await takeRequests(context);
    const took = performance.now() - before;
    assert.equal(jobs().length, 1000);
    const { queueFile } = context.sessions.get('main') as unknown as { queueFile: CoalescedFile<unknown> };
    assert.ok(queueFile.writes <= 4, `${queueFile.writes} writes`);
    assert.ok(took < 60_000, `${took} ms`);
    assert.equal((await fs.readdir(context.layout.done)).length, 1000);
  });

  it('is done by nobody who no longer owns the folder', async () => {
    await drop(enqueue('j-1'));
    const superseded = Object.assign(new Error('superseded'), { code: 'superseded' });
    context.guard = () => Promise.reject(superseded);
    await assert.rejects(takeRequests(context), /superseded/);
    assert.deepEqual(await waiting(), ['j-1.json']);
    assert.deepEqual(await fs.readdir(context.layout.active), []);
  });

  it('cancels, pauses, resumes and retries by id', async () => {
    const ask = async (id: string, action: string, job_id: string) => {
      await drop({ version: '1.0', id, action, job_id } as RequestInput);
      await takeRequests(context);
      return (await readReply(context.layout, id))!;
    };
    await drop(enqueue('j-1', { prompt: 'the prompt\n<!-- courier:prompt:end -->\nitself' }));
    await takeRequests(context);
    assert.ok((await ask('r-1', 'pause', 'j-1')).ok);
    assert.match((await ask('r-2', 'pause', 'j-1')).error ?? '', /paused, not pending/);
    assert.ok((await ask('r-3', 'resume', 'j-1')).ok);
    assert.ok((await ask('r-4', 'cancel', 'j-1')).ok);
    assert.match((await ask('r-5', 'cancel', 'j-1')).error ?? '', /cancelled already/);
    assert.ok((await ask('j-2', 'retry', 'j-1')).ok);
    assert.ok((await ask('j-2', 'retry', 'j-1')).ok);
    const [first, second] = [await findJob(context.layout, 'j-1'), await findJob(context.layout, 'j-2')];
    assert.deepEqual([first?.status, second?.status, second?.retry_of], ['cancelled', 'pending', 'j-1']);
    const text = (file: string) => fs.readFile(path.join(context.layout.workspace, file), 'utf8');
    assert.equal(
      (await text(second!.prompt_path)).replaceAll('j-2', 'j-1').split('\n').slice(12).join('\n'),
      (await text(first!.prompt_path)).split('\n').slice(12).join('\n'),
    );
    assert.deepEqual(jobs(), ['j-2']);
  });

  it('leaves the session of a newer version alone', async () => {
    const files = context.layout.session('newer');
    await fs.mkdir(files.dir, { recursive: true });
    await fs.writeFile(files.metadata, '{"version":"1.7"}');
    await loadSessions(context);
    await drop(enqueue('j-1', { session_id: 'newer' }));
    await takeRequests(context);
    assert.match((await rejection('j-1')) ?? '', /newer/);
    assert.equal(await fs.readFile(files.metadata, 'utf8'), '{"version":"1.7"}');
    assert.deepEqual(await fs.readdir(files.dir), ['metadata.json']);
  });

  it('gives up waiting for a reply when the time is over or it is told to', async () => {
    assert.equal(await awaitReply(context.layout, 'r-none', systemClock, 50), undefined);
    assert.equal(await awaitReply(context.layout, 'r-none', systemClock, 60_000, () => true), undefined);
  });
});
