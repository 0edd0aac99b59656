import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { processesOf } from '../../support/agentCourier';
import { claudeEnv, claudeHome, installClaude } from '../../support/claudeCode';
import { makeTempDir, type TempDir } from '../../support/tempDir';
import { waitFor } from '../../support/waitFor';
import { noteEvents } from '../noteEvents';
import { quiet } from '../processes';
import { receiptTimesIn, turnTime } from '../receiptTimes';
import { executeJob, type SeedEnd } from './executeJob';
import { TmuxHelper } from './tmuxHelper';

const name = 'my_app_bench';

/** The seed guide's own sequence on a session that it started itself: private HOME, tmux server and folder. */
export class SeedBench {
  private constructor(
    private readonly temp: TempDir,
    private readonly env: NodeJS.ProcessEnv,
    private readonly tmux: TmuxHelper,
  ) {}

  /** Starts Claude as the guide does, its dialogs accepted; it talks to the API at `apiUrl`. */
  static async create(apiUrl: string): Promise<SeedBench> {
    const temp = await makeTempDir();
    const at = (folder: string) => path.join(temp.path, folder);
    for (const folder of ['home', 'tmux', 'session']) fs.mkdirSync(at(folder), { mode: 0o700 });
    const home = claudeHome(at('home'), { trust: [at('session')], bypassAccepted: true });
    // They tell the CLI's own time, as our receipts do.
    noteEvents(home, at('receipts'), ['SessionStart', 'UserPromptSubmit', 'Stop']);
    const own = claudeEnv({ home, apiUrl, sandbox: true });
    const PATH = `${path.dirname(installClaude())}${path.delimiter}${own.PATH}`;
    // tmux starts a login shell, whose system profile may set another PATH.
    fs.writeFileSync(path.join(home, '.bash_profile'), `PATH='${PATH}'\n`);
    const env = { ...own, PATH, SHELL: '/bin/bash', TMUX_TMPDIR: at('tmux') };
    const bench = new SeedBench(temp, env, new TmuxHelper(env));
    if (!(await bench.tmux.createSession(name, at('session')))) throw new Error('tmux could not be started');
    await waitFor(() => bench.receipts().SessionStart, { timeout: 30_000, what: 'the start of Claude' });
    return bench;
  }

  /** Runs one job as the guide does. */
  job(promptText: string, timeout?: number): Promise<SeedEnd> {
    return executeJob(this.tmux, { name, path: path.join(this.temp.path, 'session') }, promptText, timeout);
  }

  /** Waits until a turn that began after this moment (ms since the epoch) is over. */
  async turnEnded(since: number): Promise<void> {
    const isOver = () => (this.receipts().Stop ?? 0) > since;
    await waitFor(isOver, { timeout: 30_000, what: 'the end of the turn' });
  }

  /** The CLI's own time for its last turn, in milliseconds. */
  turnTime(): number {
    return turnTime(this.receipts());
  }

  private receipts() {
    return receiptTimesIn(path.join(this.temp.path, 'receipts'));
  }

  /** Waits until the CLI does nothing. */
  async settled(): Promise<void> {
    const children = execFileSync('tmux', ['list-panes', '-t', name, '-F', '#{pane_pid}'], { env: this.env });
    const shell = Number(String(children));
    await quiet(Number(fs.readFileSync(`/proc/${shell}/task/${shell}/children`, 'utf8').split(' ')[0]));
  }

  async stop(): Promise<void> {
    await this.tmux.killSession(name);
    await waitFor(() => processesOf(path.join(this.temp.path, 'home')).length === 0, { what: 'the end of Claude' });
    await this.temp.remove();
  }
}
