import { execFile } from 'node:child_process';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { readRunner } from '../../src/core/runner/claims';
import { readSnapshot } from '../../src/core/store/snapshot';
import type { Registration } from '../../src/core/store/userState';
import { systemClock } from '../../src/core/support/clock';
import { openFiles, type Process } from '../support/processTable';
import type { TestCourier } from '../support/testCourier';
import { waitFor } from '../support/waitFor';
import { Candidates } from './soakCandidates';
import { isAgent, isServer, launchOf } from './soakKiller';
import { leftFiles } from './soakLeft';

/** A soaked workspace when nobody kills any more: whether all comes back, and whether anything is left over. */
export class Calm {
  readonly problems: string[] = [];

  constructor(
    private readonly courier: TestCourier,
    private readonly registration: Registration,
    private readonly candidates: Candidates,
    private readonly processes: () => Process[],
  ) {}

  /** Looks at everything, and ends it. */
  async check(): Promise<void> {
    await this.recoverAll('killing is over');
    await this.tidy('when killing is over');
    await this.staysAsLarge();
    await this.tidy('after a last server was killed');
    // The one that waits for a job may have one that failed; SIGTERM ends one that is just starting.
    const codes = await this.candidates.end();
    if (codes.some((code) => ![0, 1, 130, 'SIGTERM'].includes(code!)))
      this.problems.push(`the courier processes ended with ${codes}`);
    await this.sweeps();
    await this.soon(() => this.processes().length === 0, 'no process is left');
    // tmux itself never removes its socket; nobody may listen on it any more.
    const call = promisify(execFile)('tmux', ['-S', this.registration.socket, 'list-sessions']);
    if (await call.then(() => true).catch(() => false)) this.problems.push('a tmux server still answers');
  }

  /** Starts, as a person does, what does not come back by itself, or had fresh jobs alone and was never started; all sessions are ready then. */
  private async recoverAll(after: string): Promise<void> {
    const ready = async () => {
      const down = (await this.sessions()).filter(({ metadata }) => metadata.state !== 'ready');
      for (const { metadata } of down)
        if (['error', 'created'].includes(metadata.state)) await this.request('recover_session', metadata.session_id);
      return down.length === 0;
    };
    const states = async () =>
      (await this.sessions()).map(({ metadata }) => `${metadata.session_id} ${metadata.state}`);
    const what = async () => `all sessions, after ${after}: ${await states()}`;
    await waitFor(ready, { timeout: 90_000, interval: 300, what });
  }

  /** One server, one agent and one launch for each session, and nothing else. */
  private async tidy(when: string): Promise<void> {
    const own = (await this.sessions()).map(({ metadata }) => `courier_${metadata.session_id}`).sort();
    const agents = () => this.processes().filter(isAgent);
    const servers = () => this.processes().filter(isServer);
    await this.soon(
      () => agents().length === own.length && servers().length === 1,
      () =>
        `${own.length} agents and a server ${when}: ${[...servers(), ...agents()].map(({ pid, command }) => `\n${pid} ${command}`)}`,
    );
    const listed = async () =>
      (await this.courier.tmux('list-sessions', '-F', '#{session_name}')).trim().split('\n').sort();
    await this.soon(
      async () => String(await listed()) === String(own),
      async () => `only the sessions' tmux sessions ${when}: ${await listed()}`,
    );
    const launches = async () => (await fs.readdir(this.folder.launches)).sort();
    const live = () => agents().map(launchOf).sort();
    await this.soon(
      async () => String(await launches()) === String(live()),
      async () => `only the agents' launches ${when}: ${await launches()}, not ${live()}`,
    );
  }

  /** After more jobs, and after another server's end, the runner has no more files open than before. */
  private async staysAsLarge(): Promise<void> {
    const pid = await waitFor(async () => (await readRunner(this.folder, systemClock))?.pid, { what: 'a runner' });
    const before = openFiles(pid);
    const more = (await this.sessions()).flatMap(({ metadata: { session_id } }) =>
      (['session', 'fresh'] as const).map((mode) => this.courier.send('Once more.', { session_id, mode })),
    );
    for (const id of await Promise.all(more)) {
      const { status, reason, message } = await this.courier.ended(id, 90_000);
      if (status !== 'completed') this.problems.push(`in the calm ${id}: ${status} ${reason} ${message}`);
    }
    for (const { pid: server } of this.processes().filter(isServer)) process.kill(server, 'SIGKILL');
    const lost = async () => (await this.sessions()).some(({ metadata }) => metadata.state !== 'ready');
    await waitFor(lost, { what: 'the sessions are lost' });
    await this.recoverAll('the last server was killed');
    await this.soon(
      () => openFiles(pid) <= before,
      () => `${before} open files of the runner, not ${openFiles(pid)}`,
    );
  }

  /** A last runner sweeps what those that were killed left half written; then all sessions are stopped. */
  private async sweeps(): Promise<void> {
    // A temporary file is taken for left over when it is an hour old.
    const old = new Date(Date.now() - 2 * 3_600_000);
    for (const file of await leftFiles(this.courier)) await fs.utimes(path.join(this.courier.root, file), old, old);
    const last = new Candidates(this.courier);
    last.keep(
      () => ['monitor'],
      () => 0,
    );
    try {
      const left = () => leftFiles(this.courier);
      await this.soon(
        async () => (await left()).length === 0,
        async () => `no temporary files: ${await left()}`,
      );
      for (const { metadata } of await this.sessions()) await this.request('stop_session', metadata.session_id);
      const others = () => this.processes().filter(({ command }) => !command.includes('courier.js'));
      await this.soon(
        () => others().length === 0,
        () => `no process after Stop: ${others().map(({ pid, command }) => `\n${pid} ${command}`)}`,
      );
    } finally {
      await last.end();
    }
  }

  private get folder() {
    return this.courier.user.folder(this.registration.folder_id);
  }

  private async sessions() {
    const { layout, user } = this.courier;
    return (await readSnapshot(layout, user, systemClock, { historyLimit: 0 })).sessions;
  }

  private async request(action: 'recover_session' | 'stop_session', session_id: string): Promise<void> {
    const reply = await this.courier.client.request({ action, session_id }, 30_000);
    if (!reply?.ok) this.problems.push(`${action} ${session_id}: ${JSON.stringify(reply)}`);
  }

  /** What doesn't come true soon is a problem. */
  private async soon(condition: () => boolean | Promise<boolean>, what: string | (() => string | Promise<string>)) {
    await waitFor(condition, { what, interval: 100 }).catch((error: Error) => this.problems.push(error.message));
  }
}
