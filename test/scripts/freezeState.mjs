// node test/scripts/freezeState.mjs: makes test/fixtures/stateFolder anew, by a run of the product with its Demo agent. What a
// version has once frozen stays for ever: a later version freezes into a folder of its own beside it, and loads all of them.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { repo } from './prepare.mjs';

const { version } = JSON.parse(fs.readFileSync(path.join(repo, 'package.json'), 'utf8'));
const target = path.join(repo, 'test/fixtures/stateFolder', version);
process.chdir(repo);
spawnSync(process.execPath, ['esbuild.js', '--tests', 'support'], { stdio: 'inherit' });
const require = createRequire(path.join(repo, 'out/test/support/x.js'));
const { TestCourier } = require('./testCourier.js');
const { RunnerProcess } = require('./runnerProcess.js');
const { waitFor } = require('./waitFor.js');
const { summaryOf } = require('./frozenState.js');

const courier = await TestCourier.create({ settings: { version: '1.0', max_concurrent_jobs: 3 } });
const mode = (list, text = 'A prompt.') => `${text}\n\ndemo-mode: ${list}\n`;
const send = (text, input) => courier.send(text, input);
const ended = async (text, input) => courier.ended(await send(text, input));
const ask = async (request) => {
  const reply = await courier.client.request({ ...request, requested_by: 'freeze' });
  if (!reply?.ok) throw new Error(JSON.stringify(reply));
};

const runner = await RunnerProcess.start(courier, ['monitor']);
try {
  await ended('Say hello.', {
    source: { path: 'src/a.ts', language: 'typescript', start_line: 1, end_line: 3, dirty: true },
    group_id: 'g-1',
  });
  await ended(mode('never-output'));
  await ended(mode('api-error'));
  await ended(mode('freeze'), { timeout_s: 1, session_id: 'slow' });
  await ended('A job of its own.', { mode: 'fresh', type: 'review' });
  const asking = await send(mode('permission'), { session_id: 'asks' });
  const { waiting } = await courier.jobWhere(asking, 'waits', (job) => job.waiting !== undefined);
  await courier.client.answer({ target: 'asks', dialog_id: waiting.dialog_id, choice: waiting.choices[0].id });
  await courier.ended(asking);
  const cancelled = await send(mode('slow=60000'), { session_id: 'asks' });
  await courier.jobWhere(cancelled, 'works', (job) => job.phase === 'working');
  await ask({ action: 'cancel', job_id: cancelled });
  await courier.ended(cancelled);
  await ask({ action: 'rename_session', session_id: 'asks', name: 'The one that asks' });
  await ended('To be deleted.', { session_id: 'gone' });
  await ask({ action: 'delete_session', session_id: 'gone' });
  await ask({ action: 'stop_session', session_id: 'slow' });
  fs.writeFileSync(path.join(courier.layout.inbox, 'r-bad.json'), '{');
  await waitFor(() => fs.existsSync(path.join(courier.layout.rejected, 'r-bad.error.json')));
  // What is live when the runner is killed: one job that works, one behind it, one paused, and a request that nobody took.
  const running = await send(mode('slow=600000'));
  await courier.jobWhere(running, 'works', (job) => job.phase === 'working');
  await send('Behind it.');
  const paused = await send('Not now.');
  await courier.jobWhere(paused, 'is there', () => true);
  await ask({ action: 'pause', job_id: paused });
  await runner.end('SIGKILL');
  await send('Nobody took this yet.');
  freeze();
  fs.writeFileSync(path.join(target, 'expected.json'), `${JSON.stringify(await summaryOf(courier), null, 2)}\n`);
} finally {
  await runner.end('SIGKILL');
  await courier.stop();
}

/** Copies the folder and the user's state, with this machine's own names taken out. */
function freeze() {
  fs.rmSync(target, { recursive: true, force: true });
  const copy = (from, to) =>
    fs.cpSync(from, to, {
      recursive: true,
      // Its `*` would hide the fixture from git; programs are no state.
      filter: (file) => !['.gitignore', 'runtime'].includes(path.basename(file)),
    });
  copy(courier.layout.root, path.join(target, 'courier'));
  copy(courier.user.root, path.join(target, 'user'));
  const scope = fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  const names = [
    [courier.root, '@ROOT@'],
    [os.hostname(), 'frozen-host'],
    [scope, '00000000-0000-4000-8000-000000000000'],
  ];
  for (const entry of fs.readdirSync(target, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    let text = fs.readFileSync(file, 'utf8');
    for (const [name, instead] of names) text = text.replaceAll(name, instead);
    fs.writeFileSync(file, text);
  }
}
