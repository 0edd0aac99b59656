import assert from 'node:assert/strict';
import { chooseSession } from '../../src/cli/chooseSession';
import { parseId, parseSeconds } from '../../src/cli/context';
import { exitCodeOf, exitCodes, noAnswerError, refusedError, usageError } from '../../src/cli/exitCodes';
import { findChoice, findWaiting } from '../../src/cli/findWaiting';
import { commandFor, describeJob, plain, table } from '../../src/cli/print';
import { Progress } from '../../src/cli/progress';
import { statusJson, statusLines } from '../../src/cli/statusText';
import type { Job } from '../../src/core/model/job';
import type { SessionMetadata } from '../../src/core/model/session';
import type { Waiting } from '../../src/core/model/waiting';
import type { SessionView } from '../../src/core/store/snapshot';
import { CourierError } from '../../src/core/support/errors';
import { attachArgs } from '../../src/core/tmux/attach';

const created_at = '2026-11-22T10:00:00.000Z';
const waiting: Waiting = {
  dialog_id: 'd-1',
  kind: 'trust',
  text: 'Do you trust this folder?',
  choices: [
    { id: 'yes', label: 'Yes, proceed' },
    { id: 'no', label: 'No, exit' },
  ],
};

function view(session_id: string, more: Partial<SessionMetadata> = {}, jobs: Job[] = []): SessionView {
  const metadata: SessionMetadata = {
    ...{ version: '1.0' as const, session_id, name: session_id, created_at, state: 'ready' as const, epoch: 1 },
    ...{ tmux_session: `courier_${session_id}`, agent: 'claude' },
    ...more,
  };
  return { metadata, jobs, finished: [] };
}

function job(job_id: string, more: Partial<Job> = {}): Job {
  return {
    ...{ job_id, session_id: 'main', agent: 'claude', type: 'task', mode: 'session', status: 'running' },
    ...{ prompt_path: 'p', output_path: 'o', created_at, attempts: 1 },
    ...more,
  } as Job;
}

describe('command line', () => {
  it('sends to the only session, else to main', () => {
    const claude = { session_id: 'a', agent: 'claude', state: 'ready' as const };
    const main = { session_id: 'main', agent: 'claude', state: 'stopped' as const };
    assert.equal(chooseSession([]), 'main');
    assert.equal(chooseSession([claude]), 'a');
    assert.equal(chooseSession([claude], 'claude'), 'a');
    assert.equal(chooseSession([claude], 'demo'), 'main');
    assert.equal(chooseSession([claude, main]), 'main');
    assert.equal(chooseSession([main], 'demo'), 'demo');
  });

  it('reads ids and seconds, and nothing else', () => {
    assert.equal(parseId('main-2'), 'main-2');
    for (const text of ['', '-x', 'a/b', 'a.b', 'a:b']) assert.throws(() => parseId(text));
    assert.equal(parseSeconds('1.5'), 1.5);
    for (const text of ['', '0', '-1', '1e3', '604801', 'x', '1 ']) assert.throws(() => parseSeconds(text));
  });

  it('has one exit code for each way to end', () => {
    assert.equal(exitCodeOf(new Error('x')), exitCodes.failed);
    assert.equal(exitCodeOf(new CourierError('tmux', 'x')), exitCodes.failed);
    assert.equal(exitCodeOf(new CourierError('not_adopted', 'x')), exitCodes.refused);
    assert.equal(exitCodeOf(usageError('x')), exitCodes.refused);
    assert.equal(exitCodeOf(refusedError(undefined)), exitCodes.refused);
    assert.equal(exitCodeOf(noAnswerError()), exitCodes.noAnswer);
  });

  it('prints commands that a shell takes as meant', () => {
    assert.equal(commandFor({ dir: '.' }, 'wait', 'j-1'), 'courier wait j-1');
    assert.equal(commandFor({ dir: "it's $x" }, 'wait', 'j-1'), "courier wait j-1 --dir 'it'\\''s $x'");
  });

  it('passes no control characters on to the terminal', () => {
    assert.equal(plain('a\u001b[31mb\u0007\u009bc\n\td'), 'a[31mbc\n\td');
  });

  it('aligns columns', () => {
    assert.deepEqual(table([]), []);
    assert.deepEqual(table([['a', 'bb'], ['ccc']]), ['a    bb', 'ccc']);
  });

  it('says how a job stands', () => {
    assert.equal(describeJob({ status: 'running', phase: 'working' }), 'running (working)');
    assert.equal(
      describeJob({ status: 'failed', phase: 'working', reason: 'no_output', message: 'It said no.' }),
      'failed (no_output): It said no.',
    );
    assert.equal(describeJob({ status: 'completed', inferred: true }), 'completed (inferred)');
    assert.equal(
      describeJob({ status: 'failed', reason: 'agent_error', inferred: true, message: 'It is too busy.' }),
      'failed (agent_error, inferred): It is too busy.',
    );
  });

  it('attaches to exactly the session, on the own server', () => {
    const registration = { version: '1.0' as const, folder_id: 'f', path: '/w', socket: '/s/x' };
    assert.deepEqual(attachArgs('/opt/tmux', registration, 'courier_main'), {
      command: '/opt/tmux',
      args: ['-u', '-S', '/s/x', 'attach-session', '-t', '=courier_main'],
    });
  });
});

describe('courier answer', () => {
  it("finds a session's dialog, by its id and by its job's", () => {
    const sessions = [view('main', { waiting }, [job('j-1', { waiting })])];
    assert.deepEqual(findWaiting({ sessions }, 'main'), { target: 'main', waiting });
    assert.deepEqual(findWaiting({ sessions }, 'j-1'), { target: 'main', waiting });
  });

  it("finds a fresh job's own dialog", () => {
    const sessions = [view('main', {}, [job('j-1', { mode: 'fresh', waiting })])];
    assert.deepEqual(findWaiting({ sessions }, 'j-1'), { target: 'j-1', waiting });
    assert.throws(() => findWaiting({ sessions }, 'main'), /waits for no answer/);
    assert.throws(() => findWaiting({ sessions }, 'other'), /no session or live job/);
  });

  it('takes a choice by id or label, and no other', () => {
    assert.equal(findChoice({ target: 'main', waiting }, 'no'), 'no');
    assert.equal(findChoice({ target: 'main', waiting }, 'yes, proceed'), 'yes');
    assert.throws(() => findChoice({ target: 'main', waiting }, '1'), /There are: yes, no/);
  });
});

describe('courier status', () => {
  it('prints the JSON of the file interface', () => {
    const runner = { pid: 1, kind: 'cli' as const, epoch: 2, host: 'h', program_version: '0.1.0' };
    const jobs = [job('j-1')];
    assert.deepEqual(statusJson({ runner, sessions: [view('main', { waiting }, jobs)] }), {
      version: '1.0',
      unmanaged: [],
      runner,
      sessions: [
        {
          ...{ session_id: 'main', name: 'main', state: 'ready', agent: 'claude', tmux_session: 'courier_main' },
          waiting,
          jobs,
        },
      ],
    });
    const none = { version: '1.0', runner: null, sessions: [], unmanaged: [] };
    assert.deepEqual(statusJson({ runner: null, sessions: [] }), none);
    const lost = { name: 'it is', managed: false, attached: 1, created_at };
    assert.deepEqual(statusJson({ runner: null, sessions: [], unmanaged: [lost] }).unmanaged, [
      { name: 'it is', attached: 1, created_at },
    ]);
    assert.match(
      statusLines({ dir: '.' }, { runner: null, sessions: [], unmanaged: [lost] }, 0).join('\n'),
      /unmanaged.*\n {2}it is .*courier kill 'it is' --yes$/,
    );
  });

  it('shows a person the runner, the jobs and what can be answered', () => {
    const sessions = [view('main', { waiting, name: 'Review' }, [job('j-1', { phase: 'waiting' })])];
    assert.deepEqual(statusLines({ dir: 'w' }, { runner: null, sessions }, 2), [
      'runner: none is alive',
      'inbox: 2 not read yet',
      '',
      'main "Review": ready (claude)',
      '  j-1  2026-11-22T10:00:00.000Z  running (waiting)',
      '',
      'main waits for a person (trust):',
      '  | Do you trust this folder?',
      '  courier answer main yes --dir w    Yes, proceed',
      '  courier answer main no --dir w    No, exit',
    ]);
  });
});

describe('progress', () => {
  const show = (detailed: boolean) => {
    const said: string[] = [];
    const progress = new Progress({ dir: '.' }, detailed, (text) => said.push(text));
    const session = view('main');
    const asking = view('main', { waiting });
    progress.show(job('j-1', { phase: 'sending' }), session);
    progress.show(job('j-1', { phase: 'sending' }), session);
    progress.show(job('j-1', { phase: 'waiting' }), asking);
    progress.show(job('j-1', { phase: 'waiting' }), asking);
    return said.map((text) => text.split('\n')[0]);
  };

  it('says each phase and each dialog once', () => {
    assert.deepEqual(show(true), [
      'j-1 in main: running (sending)',
      'j-1 in main: running (waiting)',
      'main waits for a person (trust):',
    ]);
  });

  it('says only the dialogs when nobody watches', () => {
    assert.deepEqual(show(false), ['main waits for a person (trust):']);
  });
});
