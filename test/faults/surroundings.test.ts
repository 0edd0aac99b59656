import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import type { TestCourier } from '../support/testCourier';
import { waitFor } from '../support/waitFor';
import { CourierProcess, giveToNobody, nobody, noOtherUser } from './courierProcess';
import { fault } from './fault';
import type { Trial } from './trial';

/** Runs `courier send --wait` of a prompt to its end, and looks at the answer. */
async function sends(trial: Trial, courier: TestCourier, options: Parameters<typeof CourierProcess.start>[3] = {}) {
  const prompt = path.join(courier.root, 'prompt.md');
  await fs.writeFile(prompt, 'Sent by the command.\n', { mode: 0o644 });
  const args = ['send', '--agent', 'demo', '--wait', '--json', prompt];
  const sent = await CourierProcess.start(trial, courier, args, options);
  const code = await sent.ended;
  assert.equal(code, 0, `${code}: ${sent.stdout}\n${sent.stderr}`);
  const job = JSON.parse(sent.stdout);
  await trial.answersItself(courier, job);
  if (trial.taken(courier, job.job_id) !== 1) trial.note('wrong', `taken ${trial.taken(courier, job.job_id)} times`);
  return sent;
}

/** A script that leaves a mark when anybody runs it. */
async function trap(courier: TestCourier): Promise<{ file: string; sprung: () => Promise<boolean> }> {
  const file = path.join(courier.root, 'trap.sh');
  const mark = path.join(courier.root, 'sprung');
  await fs.writeFile(file, `#!/bin/sh\ntouch '${mark}'\n`, { mode: 0o755 });
  const sprung = () =>
    fs.access(mark).then(
      () => true,
      () => false,
    );
  return { file, sprung };
}

describe('surroundings', () => {
  fault('environment poisoned: $TMUX, locale, BASH_ENV, TMUX_TMPDIR, tmux.conf (11)', { tries: 3 }, async (trial) => {
    const courier = await trial.courier();
    const { file, sprung } = await trap(courier);
    const home = path.join(courier.root, 'home');
    await fs.mkdir(path.join(home, '.config/tmux'), { recursive: true });
    const conf = `set -g destroy-unattached on\nset -g default-shell /bin/false\nset -g base-index 5\nset -g pane-base-index 7\nset -g prefix None\nset -g default-command false\nrun-shell ${file}\n`;
    for (const name of ['.tmux.conf', '.config/tmux/tmux.conf']) await fs.writeFile(path.join(home, name), conf);
    const poison = {
      ...{ TMUX: `${courier.root}/nowhere,1,0`, TMUX_PANE: '%0', TMUX_TMPDIR: '/nonexistent', TERM: 'dumb' },
      ...{ LANG: 'C', LC_ALL: 'POSIX', SHELL: '/bin/false', BASH_ENV: file, ENV: file, HOME: home },
      ...{ COURIER_RECEIPTS: '/nonexistent', COURIER_DECISIONS: '/', CLAUDECODE: '1', ELECTRON_RUN_AS_NODE: '' },
      ...{ npm_config_prefix: '/nonexistent', VSCODE_IPC_HOOK_CLI: '/nonexistent', NODE_OPTIONS: '--no-deprecation' },
    };
    await sends(trial, courier, { env: { ...courier.env, ...poison } });
    await sends(trial, courier, { env: { ...courier.env, ...poison } });
    assert.equal(await sprung(), false, 'a script of the environment was run');
  });

  fault('started with nearly no environment: no PATH, no locale, no HOME (14)', { tries: 3 }, async (trial) => {
    const courier = await trial.courier();
    const { XDG_STATE_HOME, XDG_RUNTIME_DIR } = courier.env;
    await sends(trial, courier, { env: { XDG_STATE_HOME, XDG_RUNTIME_DIR, PATH: '/nonexistent' } });
  });

  fault('workspace that names commands in its own settings (30)', { tries: 2 }, async (trial) => {
    const courier = await trial.courier();
    const { file, sprung } = await trap(courier);
    const agent = { type: 'custom', command: file };
    const bad = {
      'courier.tmuxPath': file,
      'courier.agents': { demo: agent, mine: agent },
      'courier.defaultAgent': 'mine',
    };
    const config = { version: '1.0', tmux_path: file, default_agent: 'mine', agents: { demo: agent, mine: agent } };
    await fs.mkdir(path.join(courier.workspace, '.vscode'));
    await fs.writeFile(path.join(courier.workspace, '.vscode/settings.json'), JSON.stringify(bad));
    await fs.writeFile(path.join(courier.workspace, 'config.json'), JSON.stringify(config));
    await sends(trial, courier);
    await fs.writeFile(path.join(courier.layout.root, 'config.json'), JSON.stringify(config));
    await fs.writeFile(path.join(courier.layout.session('main').dir, 'config.json'), JSON.stringify(config));
    await sends(trial, courier);
    assert.equal(await sprung(), false, "a command of the workspace's was run");
  });

  fault('.courier that came with a clone: nothing of it runs (30)', { tries: 2 }, async (trial) => {
    const from = await trial.courier();
    await sends(trial, from);
    const to = await trial.courier();
    await fs.cp(from.layout.root, to.layout.root, { recursive: true });
    const list = await CourierProcess.start(trial, to, [
      'send',
      '--agent',
      'demo',
      '--wait',
      path.join(from.root, 'prompt.md'),
    ]);
    assert.notEqual(await list.ended, 0);
    assert.match(list.stderr, /was not made on this machine.*adopt/s);
    const adopted = await CourierProcess.start(trial, to, ['adopt']);
    assert.equal(await adopted.ended, 0, adopted.stderr);
    await sends(trial, to);
  });

  const places = /^\.(claude|vscode|git|idea)\//;
  fault(
    'prompts where a CLI asks even when it may do all (31)',
    { tries: 2, simulated: 'the paths that a job is given' },
    async (trial) => {
      const courier = await trial.courier();
      await courier.runner();
      for (const mode of ['session', 'fresh'] as const) {
        const job = await trial.completes(courier, await trial.send(courier, 'Where?', { mode }));
        for (const file of [job.prompt_path, job.output_path])
          if (places.test(file) || path.isAbsolute(file)) trial.note('wrong', file);
      }
    },
  );

  const folders = ['inbox', 'prompts', 'history', 'state', 'workspace', 'output'] as const;
  fault('folder that an ordinary user may not write', { tries: 6, short: 2, notRun: noOtherUser }, async (trial, n) => {
    const courier = await trial.courier();
    const options = await giveToNobody(trial, courier);
    const place = folders[n % folders.length]!;
    if (place !== 'workspace') await sends(trial, courier, options);
    const session = courier.layout.session('main');
    const dir = {
      inbox: courier.layout.inbox,
      prompts: session.prompts,
      history: session.historyDir,
      state: path.join(courier.user.root, 'folders'),
      workspace: courier.workspace,
      output: session.output,
    }[place];
    const files = place === 'history' ? (await fs.readdir(dir)).map((name) => path.join(dir, name)) : [];
    const give = async (uid: number) => {
      for (const file of [dir, ...files]) await fs.chown(file, uid, uid);
    };
    await give(0);
    await fs.chmod(dir, 0o755);
    for (const file of files) await fs.chmod(file, 0o644);
    const prompt = path.join(courier.root, 'prompt.md');
    await fs.writeFile(prompt, 'Not written yet.\n');
    const args = ['send', '--agent', 'demo', '--wait', prompt];
    const sent = await CourierProcess.start(trial, courier, args, options);
    let code: number | null | undefined;
    void sent.ended.then((ended) => {
      code = ended;
    });
    const words = /EACCES|may not be/;
    await waitFor(() => code !== undefined || words.test(sent.stderr), {
      timeout: 30_000,
      what: () => `words or an end: ${sent.stdout} ${sent.stderr}`,
    });
    await give(nobody);
    await fs.chmod(dir, 0o700);
    code = await sent.ended;
    // It said what is wrong, and ended or went on when that was mended. What lies in "folders" is made at first use only.
    if (place !== 'state') assert.match(sent.stderr, words, place);
    await sends(trial, courier, options);
  });

  fault('inotify exhausted (19)', { tries: 2, notRun: noOtherUser }, async (trial) => {
    const courier = await trial.courier();
    const options = await giveToNobody(trial, courier);
    const limit = Number(await fs.readFile('/proc/sys/fs/inotify/max_user_instances', 'utf8'));
    const tails: ChildProcess[] = [];
    trial.atEnd(() => tails.map((tail) => tail.kill('SIGKILL')));
    const probe = ['-e', "require('node:fs').watch('/').close()"];
    const exhausted = () => spawnSync(process.execPath, probe, { uid: nobody, gid: nobody, cwd: '/' }).status !== 0;
    // Each "tail -f" takes one of the user's instances.
    const file = path.join(courier.root, 'prompt.md');
    await fs.writeFile(file, '', { mode: 0o644 });
    for (let n = 0; n < limit; n++)
      tails.push(
        spawn('tail', ['-f', file], { uid: nobody, gid: nobody, cwd: '/', stdio: 'ignore', env: options.env }),
      );
    await waitFor(exhausted, { timeout: 30_000, interval: 200, what: 'the last inotify instance is taken' });
    const sent = await sends(trial, courier, options);
    await sends(trial, courier, options);
    assert.ok(exhausted(), sent.stderr);
  });
});
