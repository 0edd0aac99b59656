import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import type { Job } from '../../src/core/model/job';
import { loadSessions } from '../../src/core/runner/loadSessions';
import { promptBegin, promptEnd } from '../../src/core/runner/promptFile';
import { startJobs } from '../../src/core/runner/scheduler';
import { takeRequests } from '../../src/core/runner/takeRequests';
import { takeEdits } from '../../src/core/runner/updatePrompt';
import { readReply } from '../../src/core/store/inbox';
import { readSnapshot } from '../../src/core/store/snapshot';
import { systemClock } from '../../src/core/support/clock';
import { CourierError } from '../../src/core/support/errors';
import { makeRequestContext } from '../support/requestContext';
import { makeTempDir, type TempDir } from '../support/tempDir';

describe('the queue of a session', () => {
  let temp: TempDir;
  let context: Awaited<ReturnType<typeof makeRequestContext>>;
  let guard: () => Promise<void>;
  const launches: ((error: Error) => void)[] = [];
  let count = 0;
  beforeEach(async () => {
    temp = await makeTempDir();
    const custom = { type: 'custom' as const, command: 'true' };
    context = await makeRequestContext(temp.path, systemClock, { version: '1.0', agents: { other: custom } });
    guard = async () => {};
    context.guard = () => guard();
  });
  afterEach(async () => {
    for (const run of context.runs.values()) run.stop({ kind: 'runner' });
    for (const fail of launches.splice(0)) fail(new Error('over'));
    await Promise.all([...context.runs.values()].map((run) => run.done));
    await Promise.all([...context.sessions.values()].map((session) => session.flush().catch(() => undefined)));
    await temp.remove();
  });

  const inInbox = (name: string) => path.join(context.layout.inbox, name);
  const drop = (id: string, request: object) =>
    fs.writeFile(inInbox(`${id}.json`), JSON.stringify({ version: '1.0', id, ...request }));
  /** Has a request done; the error of one that was refused. */
  const ask = async (request: object, id = `r-${count++}`) => {
    await drop(id, request);
    await takeRequests(context);
    const reply = await readReply(context.layout, id);
    assert.ok(reply, 'no reply');
    return reply.ok ? undefined : reply.error;
  };
  const send = async (...ids: string[]) => {
    for (const id of ids)
      assert.equal(await ask({ action: 'enqueue', session_id: 'main', prompt: `do ${id}` }, id), undefined);
  };
  const sendTo = (session_id: string, id: string, more: object = {}) =>
    ask({ action: 'enqueue', session_id, prompt: `do ${id}`, ...more }, id);
  const ids = (session = 'main') => context.sessions.get(session)?.jobs.map((job) => job.job_id);
  const job = (id: string, session = 'main') => context.sessions.get(session)!.job(id)!;
  const full = ({ prompt_path }: Job) => path.join(context.layout.workspace, prompt_path);
  const text = (one: Job) => fs.readFile(full(one), 'utf8');
  const prompts = (session: string) => fs.readdir(context.layout.session(session).prompts);
  /** As the runner that comes after a crash. */
  const reload = async () => {
    context.sessions.clear();
    context.epoch++;
    await loadSessions(context);
  };
  /** Starts what may start; no session becomes ready. */
  const start = () => {
    context.ensureStarted = () => new Promise(() => {});
    context.launcher.launch = () => new Promise((_, reject) => launches.push(reject));
    startJobs(context);
    return [...context.runs.keys()];
  };

  describe('move', () => {
    it('puts a job before another one, or at the end, and the order outlives the runner', async () => {
      await send('j-1', 'j-2', 'j-3');
      assert.equal(await ask({ action: 'move', job_id: 'j-3', before: 'j-1' }), undefined);
      assert.deepEqual(ids(), ['j-3', 'j-1', 'j-2']);
      assert.equal(await ask({ action: 'move', job_id: 'j-3', session_id: 'main' }), undefined);
      assert.equal(await ask({ action: 'move', job_id: 'j-2', before: 'j-1', session_id: 'main' }), undefined);
      await reload();
      assert.deepEqual(ids(), ['j-2', 'j-1', 'j-3']);
    });

    it('is refused, in words, for what has begun or ended, and where there is no such place; nothing changes', async () => {
      await send('j-1', 'j-2', 'j-3');
      await sendTo('b', 'j-b');
      assert.equal(await ask({ action: 'cancel', job_id: 'j-3' }), undefined);
      assert.deepEqual(start(), ['j-1', 'j-b']);
      const refused = async (request: object, why: RegExp) =>
        assert.match((await ask({ action: 'move', ...request })) ?? 'done', why);
      await refused({ job_id: 'j-1', session_id: 'b' }, /j-1 has begun/);
      await refused({ job_id: 'j-2', before: 'j-1' }, /j-1 has begun/);
      await refused({ job_id: 'j-2', before: 'j-3' }, /j-3 is cancelled already/);
      await refused({ job_id: 'j-3', session_id: 'b' }, /j-3 is cancelled already/);
      await refused({ job_id: 'j-2', before: 'j-2' }, /before itself/);
      await refused({ job_id: 'j-2', session_id: 'nobody' }, /no session "nobody"/);
      await refused({ job_id: 'j-none', session_id: 'b' }, /no job j-none/);
      await refused({ job_id: 'j-2' }, /before, session_id, or both/);
      assert.deepEqual([ids(), ids('b')], [['j-1', 'j-2'], ['j-b']]);
    });

    it('into another session writes its files there, word for word, for that agent, and leaves none behind', async () => {
      const words = `TODO ${promptEnd}\r\nüñï\n\n${promptBegin}\n`;
      await sendTo('main', 'j-1', { prompt: words });
      await sendTo('main', 'j-f', { mode: 'fresh' });
      await sendTo('b', 'j-b', { agent: 'other' });
      await ask({ action: 'pause', job_id: 'j-1' });
      assert.equal(await ask({ action: 'move', job_id: 'j-1', before: 'j-b' }), undefined);
      assert.equal(await ask({ action: 'move', job_id: 'j-f', session_id: 'b' }), undefined);
      assert.deepEqual([ids(), ids('b')], [[], ['j-1', 'j-b', 'j-f']]);
      const { agent, status, session_id, output_path } = job('j-1', 'b');
      assert.deepEqual([agent, status, session_id], ['other', 'paused', 'b']);
      assert.equal(job('j-f', 'b').agent, 'demo', 'a job with a conversation of its own keeps its agent');
      const prompt = await text(job('j-1', 'b'));
      assert.ok(prompt.includes(`${promptBegin}\n${words}\n${promptEnd}`));
      assert.ok(prompt.includes(output_path) && output_path.includes('/active/b/output/'));
      assert.deepEqual(await prompts('main'), []);
      await reload();
      assert.deepEqual([ids(), ids('b')], [[], ['j-1', 'j-b', 'j-f']]);
    });

    it('that is cut off anywhere leaves the job in one queue, and is done when it is taken again', async () => {
      await sendTo('b', 'j-b');
      const superseded = new CourierError('superseded', 'killed here');
      let left = 0;
      for (let cut = 1, done = false; !done; cut++) {
        await send(`j-${cut}`);
        let writes = 0;
        guard = () => (++writes > cut ? Promise.reject(superseded) : Promise.resolve());
        await drop('r-cut', { action: 'move', job_id: `j-${cut}`, before: 'j-b' });
        done = await takeRequests(context).then(
          () => true,
          () => false,
        );
        guard = async () => {};
        await reload();
        const there = [...ids()!, ...ids('b')!].filter((id) => id === `j-${cut}`);
        assert.equal(there.length, 1, `cut at ${cut}: it stands in ${there.length} queues`);
        if (ids()!.length > 0) left++;
        await takeRequests(context);
        assert.ok(ids('b')!.includes(`j-${cut}`), `cut at ${cut}`);
        assert.ok(context.sessions.get('b')!.jobs.every((one) => one.moving_to === undefined));
        await fs.access(full(job(`j-${cut}`, 'b')));
        assert.deepEqual(await prompts('main'), [], `cut at ${cut}: its old prompt is left`);
        await fs.rm(path.join(context.layout.done, 'r-cut.json'), { force: true });
        await ask({ action: 'cancel', job_id: `j-${cut}` });
        assert.ok(cut < 20, 'it is never done');
      }
      assert.ok(left > 0, 'no cut was before it arrived');
    });

    it('that was cut off after the job ended in its new session does not bring it back', async () => {
      await sendTo('b', 'j-b');
      await send('j-1');
      const stale = await fs.readFile(context.layout.session('main').queue, 'utf8');
      assert.equal(await ask({ action: 'move', job_id: 'j-1', session_id: 'b' }), undefined);
      const b = context.sessions.get('b')!;
      await b.keepEnd({ ...job('j-1', 'b'), status: 'completed', finished_at: new Date().toISOString() });
      b.removeJob('j-1');
      for (const session of context.sessions.values()) await session.flush();
      const queue = JSON.parse(stale);
      queue.jobs[0].moving_to = 'b';
      await fs.writeFile(context.layout.session('main').queue, JSON.stringify(queue));
      await reload();
      assert.deepEqual([ids(), ids('b')], [[], ['j-b']]);
    });

    it('is undone whole when the disk refuses it, and done with the next look', async () => {
      await sendTo('b', 'j-b');
      await send('j-1');
      const full = Object.assign(new Error('no space'), { code: 'ENOSPC' });
      let writes = 0;
      guard = () => (++writes === 3 ? Promise.reject(full) : Promise.resolve());
      await drop('r-1', { action: 'move', job_id: 'j-1', session_id: 'b' });
      await takeRequests(context);
      assert.deepEqual([ids(), ids('b')], [['j-1'], ['j-b']]);
      assert.equal(job('j-1').moving_to, undefined);
      assert.deepEqual((await prompts('b')).length, 1);
      guard = async () => {};
      await takeRequests(context);
      assert.deepEqual([ids(), ids('b')], [[], ['j-b', 'j-1']]);
    });
  });

  describe('update', () => {
    it('gives a job that has not begun another prompt, from the request or a file of any size', async () => {
      await send('j-1');
      const before = job('j-1').prompt_mtime_ns;
      assert.equal(await ask({ action: 'update', job_id: 'j-1', prompt: '# Other words' }), undefined);
      assert.match(await text(job('j-1')), /# Job j-1\n[\s\S]*\n# Other words\n<!-- courier:prompt:end -->\n$/);
      assert.equal(job('j-1').title, '# Other words');
      assert.notEqual(job('j-1').prompt_mtime_ns, before);
      assert.equal((await fs.stat(full(job('j-1')))).mode & 0o777, 0o600);
      const large = `from a file\n${'x'.repeat(3_000_000)}`;
      await fs.writeFile(inInbox('p.md'), large);
      assert.equal(await ask({ action: 'update', job_id: 'j-1', prompt_file: 'p.md' }), undefined);
      assert.ok((await text(job('j-1'))).includes(large));
      assert.deepEqual(await fs.readdir(context.layout.inbox).then((all) => all.filter((n) => n === 'p.md')), []);
      assert.deepEqual((await prompts('main')).length, 1);
    });

    it('takes what a person saved in the prompt file, also with other line ends and words around it', async () => {
      await send('j-1');
      const one = job('j-1');
      const edited = (await text(one)).replace('do j-1', 'do it otherwise').replace('# Job j-1', '# Job j-1 (mine)');
      await fs.writeFile(full(one), edited.replaceAll('\n', '\r\n'));
      assert.equal(await ask({ action: 'update', job_id: 'j-1' }), undefined);
      assert.equal(one.title, 'do it otherwise');
      assert.equal(one.prompt_mtime_ns, String((await fs.stat(full(one), { bigint: true })).mtimeNs));
      assert.equal(await takeEdits(context, context.sessions.get('main')!, one), undefined);
    });

    it('refuses what lost its marks, its job or its answer, names what is lacking, and keeps what stands there', async () => {
      await send('j-1');
      const one = job('j-1');
      const good = await text(one);
      const { title } = one;
      for (const [bad, why] of [
        ['', /two marks/],
        [good.replace(promptBegin, ''), /two marks/],
        [good.replace(promptEnd, ''), /two marks/],
        [good.replace(promptBegin, 'x').replace(promptEnd, promptBegin).replace(`x\n`, `${promptEnd}\n`), /two marks/],
        [good.replace('Job j-1', 'Job j-2'), /the line "# Job j-1"/],
        [good.replace(one.output_path, 'elsewhere.md'), /the path of its answer/],
      ] as const) {
        await fs.writeFile(full(one), bad);
        assert.match((await ask({ action: 'update', job_id: 'j-1' })) ?? 'done', why);
        assert.equal(await text(one), bad);
      }
      await fs.rm(full(one));
      assert.match((await ask({ action: 'update', job_id: 'j-1' })) ?? 'done', /not there any more/);
      await fs.symlink('/etc/hostname', full(one));
      assert.match((await ask({ action: 'update', job_id: 'j-1' })) ?? 'done', /not there any more/);
      assert.equal(one.title, title);
    });

    it('is refused for what has begun or ended, and leaves its prompt as it is', async () => {
      await send('j-1', 'j-2');
      start();
      await ask({ action: 'cancel', job_id: 'j-2' });
      const was = await text(job('j-1'));
      for (const request of [{ prompt: 'late' }, {}])
        assert.match((await ask({ action: 'update', job_id: 'j-1', ...request })) ?? 'done', /j-1 has begun/);
      assert.equal(await text(job('j-1')), was);
      assert.match((await ask({ action: 'update', job_id: 'j-2' })) ?? 'done', /cancelled already/);
    });
  });

  describe('pause', () => {
    it('of a session keeps all of its jobs from beginning, fresh ones too, lets a running one go on, and outlives the runner', async () => {
      await send('j-1', 'j-2');
      await sendTo('main', 'j-f', { mode: 'fresh' });
      await sendTo('b', 'j-b');
      assert.equal(await ask({ action: 'pause_session', session_id: 'main' }), undefined);
      assert.equal(await ask({ action: 'pause_session', session_id: 'main' }), undefined, 'it is so already');
      await reload();
      assert.ok(context.sessions.get('main')!.isPaused);
      const { layout, user } = context;
      const { sessions } = await readSnapshot(layout, user, systemClock, { historyLimit: 0 });
      assert.ok(sessions.find((one) => one.metadata.session_id === 'main')?.metadata.paused_at);
      assert.deepEqual(start(), ['j-b']);
      assert.equal(await ask({ action: 'resume_session', session_id: 'main' }), undefined);
      assert.deepEqual(start(), ['j-b', 'j-1', 'j-f']);
      assert.equal(await ask({ action: 'pause_session', session_id: 'main' }), undefined);
      assert.equal(job('j-1').status, 'running');
    });

    it('of all sessions is of those that there are', async () => {
      await send('j-1');
      await sendTo('b', 'j-b');
      assert.equal(await ask({ action: 'pause_session' }), undefined);
      assert.deepEqual(start(), []);
      await sendTo('c', 'j-c');
      assert.deepEqual(start(), ['j-c']);
      assert.equal(await ask({ action: 'resume_session' }), undefined);
      assert.deepEqual(start(), ['j-c', 'j-1', 'j-b']);
      assert.match((await ask({ action: 'pause_session', session_id: 'nobody' })) ?? 'done', /no session "nobody"/);
    });
  });

  describe('follow-up', () => {
    it('is queued right behind its job and the follow-ups before it, and is next when that has ended', async () => {
      await send('j-1', 'j-2');
      start();
      assert.equal(await sendTo('main', 'j-f1', { follows: 'j-1' }), undefined);
      assert.equal(await sendTo('main', 'j-f2', { follows: 'j-1' }), undefined);
      assert.equal(await sendTo('main', 'j-g', { follows: 'j-2' }), undefined);
      assert.deepEqual(ids(), ['j-1', 'j-f1', 'j-f2', 'j-2', 'j-g']);
      const session = context.sessions.get('main')!;
      await session.keepEnd({ ...job('j-1'), status: 'completed', finished_at: new Date().toISOString() });
      session.removeJob('j-1');
      assert.equal(await sendTo('main', 'j-f3', { follows: 'j-1' }), undefined);
      assert.deepEqual(ids(), ['j-f1', 'j-f2', 'j-f3', 'j-2', 'j-g']);
    });

    it('is refused, with its text kept, for a conversation that it can not go on with', async () => {
      await sendTo('main', 'j-f', { mode: 'fresh' });
      await sendTo('b', 'j-b');
      await send('j-1');
      for (const [id, more, why] of [
        ['j-x', { follows: 'j-f' }, /conversation of its own/],
        ['j-y', { follows: 'j-1', mode: 'fresh' }, /conversation of its own/],
        ['j-z', { follows: 'j-b' }, /is in session "b"/],
        ['j-w', { follows: 'j-none' }, /no job j-none/],
      ] as const) {
        assert.match((await sendTo('main', id, more)) ?? 'done', why);
        assert.match(
          await fs.readFile(path.join(context.layout.rejected, `${id}.json`), 'utf8'),
          new RegExp(`do ${id}`),
        );
      }
      assert.deepEqual(ids(), ['j-f', 'j-1']);
    });
  });
});
