import assert from 'node:assert/strict';
import * as v from 'valibot';
import { Id, newJobId, newRequestId } from '../../src/core/model/ids';
import { canBecome, finalStatuses, isFinal, Job, liveStatuses } from '../../src/core/model/job';
import { Answer, Request } from '../../src/core/model/request';
import { canMove, SessionMetadata, sessionStates } from '../../src/core/model/session';
import { makeJob, someTime } from '../support/coreFixtures';

const accepts = (schema: v.GenericSchema, value: unknown) => v.safeParse(schema, value).success;

describe('ids', () => {
  it('takes letters, digits, _ and -, and nothing that means something in a path, to tmux or to a terminal', () => {
    for (const id of ['main', 'j-20261122-7f3a', '0', 'A_b-C', 'x'.repeat(64)]) assert.ok(accepts(Id, id), id);
    const bad = [
      '',
      '-x',
      '_x',
      '../x',
      'a/b',
      'a.b',
      'a:b',
      'a b',
      '#(x)',
      'é',
      'x\n',
      'x'.repeat(65),
      '.',
      '..',
      7,
      null,
    ];
    for (const id of bad) assert.ok(!accepts(Id, id), JSON.stringify(id));
  });

  it('makes ids that are ids and sort by time', () => {
    const at = (now: number) => newJobId({ now: () => now, random: () => 'ffff0000' });
    const early = at(Date.UTC(2026, 10, 22, 9, 59, 59, 999));
    const late = at(Date.UTC(2026, 10, 22, 10));
    assert.match(early, /^j-20261122-[0-9a-z]{9}$/);
    assert.ok(early < late);
    assert.ok(accepts(Id, early));
    assert.ok(accepts(Id, newRequestId({ now: () => 0, random: () => '0123456789abcdef' })));
  });
});

describe('job', () => {
  it('never leaves an end, and reaches each end from running', () => {
    for (const from of finalStatuses) {
      assert.ok(isFinal(from));
      for (const to of [...liveStatuses, ...finalStatuses]) assert.ok(!canBecome(from, to), `${from} → ${to}`);
    }
    for (const to of finalStatuses) assert.ok(canBecome('running', to), to);
    assert.ok(!canBecome('running', 'pending'), 'a job that began is never silently begun again');
    assert.ok(canBecome('pending', 'paused') && canBecome('paused', 'pending') && !canBecome('paused', 'running'));
  });

  it('is read with fields that a later program adds, and refused with bad ids, statuses or times', () => {
    const job = makeJob('j-1');
    assert.ok(accepts(Job, { ...job, added_later: true }));
    for (const bad of [
      { job_id: '../x' },
      { status: 'done' },
      { created_at: 'now' },
      { attempts: -1 },
      { attempts: 0.5 },
    ])
      assert.ok(!accepts(Job, { ...job, ...bad }), JSON.stringify(bad));
  });
});

describe('session', () => {
  it('moves as the guide says: phases in their order, back from lost and error by the first phase', () => {
    for (const [from, to] of [
      ['created', 'folder_created'],
      ['folder_created', 'tmux_started'],
      ['tmux_started', 'ready'],
      ['ready', 'busy'],
      ['busy', 'ready'],
      ['waiting', 'busy'],
      ['lost', 'folder_created'],
      ['error', 'folder_created'],
      ['stopped', 'folder_created'],
    ] as const)
      assert.ok(canMove(from, to), `${from} → ${to}`);
    for (const [from, to] of [
      ['created', 'ready'],
      ['lost', 'ready'],
      ['stopped', 'ready'],
      ['ready', 'created'],
    ] as const)
      assert.ok(!canMove(from, to), `${from} → ${to}`);
    for (const to of sessionStates) assert.equal(canMove('deleted', to), to === 'stopped', to);
    for (const from of sessionStates.filter((s) => s !== 'deleted')) assert.ok(canMove(from, 'deleted'), from);
  });

  it('refuses metadata whose tmux name could be read as something else', () => {
    const metadata = { version: '1.0', session_id: 'main', name: 'Main', created_at: someTime, state: 'ready' };
    const rest = { agent: 'demo', epoch: 1 };
    assert.ok(accepts(SessionMetadata, { ...metadata, ...rest, tmux_session: 'courier_main' }));
    assert.ok(accepts(SessionMetadata, { ...metadata, ...rest, tmux_session: null }));
    assert.ok(!accepts(SessionMetadata, { ...metadata, ...rest, tmux_session: 'a:0.1' }));
  });
});

describe('request', () => {
  const base = { version: '1.0', id: 'j-20261122-7f3a' };
  const enqueue = { ...base, action: 'enqueue', session_id: 'main', agent: 'claude', prompt: 'text', type: 'task' };

  it('takes the example of the file interface, and fills in what may be left out', () => {
    const source = { path: 'src/a.ts', language: 'typescript', start_line: 10, end_line: 42, dirty: false };
    assert.ok(accepts(Request, { ...enqueue, mode: 'fresh', timeout_s: 300, requested_by: 'me', source }));
    const parsed = v.parse(Request, { ...base, action: 'enqueue', session_id: 'main', prompt: '' });
    assert.ok(parsed.action === 'enqueue' && parsed.type === 'task' && parsed.mode === 'session');
  });

  it('takes every action with its ids', () => {
    for (const action of ['cancel', 'retry', 'pause', 'resume']) {
      assert.ok(accepts(Request, { ...base, action, job_id: 'j-1' }), action);
      assert.ok(!accepts(Request, { ...base, action }), action);
    }
    for (const action of ['create_session', 'stop_session', 'delete_session']) {
      assert.ok(accepts(Request, { ...base, action, session_id: 'main' }), action);
      assert.ok(!accepts(Request, { ...base, action, session_id: '../main' }), action);
    }
  });

  it('refuses what could reach out of its place, and what is neither one thing nor the other', () => {
    const { prompt, ...without } = enqueue;
    const bad: object[] = [
      { ...enqueue, version: '2.0' },
      { ...enqueue, id: 'a/b' },
      { ...enqueue, session_id: '../x' },
      { ...enqueue, agent: '/bin/sh' },
      { ...enqueue, type: '../x' },
      { ...enqueue, mode: 'both' },
      { ...enqueue, timeout_s: 0 },
      { ...enqueue, timeout_s: Number.POSITIVE_INFINITY },
      { ...enqueue, prompt_file: 'p.md' },
      { ...enqueue, source: { start_line: 0 } },
      without,
      ...['../p.md', '/etc/passwd', '.hidden', 'a/b', 'a\\b', '', 'p\n'].map((prompt_file) => ({
        ...without,
        prompt_file,
      })),
      { ...base, action: 'answer', session_id: 'main' },
      { ...base, action: 'adopt' },
      { ...base },
    ];
    for (const request of bad) assert.ok(!accepts(Request, request), JSON.stringify(request));
  });

  it('answers a dialog by naming it and one of its choices', () => {
    assert.ok(accepts(Answer, { version: '1.0', id: 'r-1', target: 'main', dialog_id: 'd-1', choice: 'yes' }));
    assert.ok(!accepts(Answer, { version: '1.0', id: 'r-1', target: 'main', choice: 'yes' }));
  });
});
