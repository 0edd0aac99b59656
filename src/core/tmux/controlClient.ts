import { type ChildProcess, spawn } from 'node:child_process';
import { lstatSync } from 'node:fs';
import type { Socket } from 'node:net';
import type { Clock } from '../support/clock';
import type { Disposable } from '../support/disposables';
import { endedWithUs } from '../support/endedWithUs';
import { type ControlBlock, ControlReader } from './controlReader';

/** Why a control client gave no answer: what it was given may have been done, or be done yet. */
export class NoAnswer extends Error {
  constructor(readonly why: 'lost' | 'late') {
    super(`the tmux control client gave no answer (${why})`);
  }
}

export interface ControlOptions {
  tmuxPath: string;
  /** What comes before the command: the socket above all. */
  base: readonly string[];
  socket: string;
  env: NodeJS.ProcessEnv;
  clock: Clock;
}

interface Asked {
  mark: string;
  blocks: ControlBlock[];
  settle(answer: ControlBlock[] | NoAnswer): void;
}

/** How long a client may take to be there, and how long after a failure the next one is tried, in milliseconds. */
const beginBound = 5000;
const pause = 5000;

/**
 * A tmux client in control mode that stays: a call is a line to it, 0.2 ms instead of the start of a process. It attaches to
 * any session of the server, since it must to one, and neither sizes windows nor gets what panes print (tmux 3.2). Whoever
 * asks must be able to do without it: it ends with its session, and is never waited for. It ends with this process, too: tmux
 * 3.3a doesn't end as long as it has something to tell a client that nobody reads any more.
 */
export class ControlClient implements Disposable {
  private child: ChildProcess | undefined;
  private limit: Disposable | undefined;
  private ready = false;
  private ino = 0;
  private notBefore = Number.NEGATIVE_INFINITY;
  private ended = false;
  private asked: Asked[] = [];

  constructor(private readonly options: ControlOptions) {}

  /** Whether it can be asked now: it stands, and its server is the one whose socket is in place. */
  get isReady(): boolean {
    if (!this.ready) return false;
    if (this.inode() === this.ino) return true;
    this.leave();
    return false;
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** Begins to attach, where it doesn't stand; to be called when the server has just answered. */
  begin(): void {
    const { options } = this;
    if (this.ended || this.child || options.clock.monotonic() < this.notBefore) return;
    this.notBefore = options.clock.monotonic() + pause;
    // Without one, calls are processes.
    endedWithUs(options.env)
      .then((before) => this.attach(before))
      .catch(() => this.leave());
  }

  private attach(before: readonly string[]): void {
    const { options } = this;
    if (this.ended || this.child) return;
    this.ino = this.inode();
    const attach = ['-C', 'attach-session', '-f', 'no-output,ignore-size'];
    // Its own process group: what is meant for this process is not for it. It ends when its input does.
    const where = { cwd: '/', env: options.env, detached: true };
    // With no file handle left it has no streams.
    const [command, ...args] = [...before, options.tmuxPath, '-N', ...options.base, ...attach];
    const child: ChildProcess = spawn(command!, args, { ...where, stdio: ['pipe', 'pipe', 'ignore'] });
    this.child = child;
    const lost = () => this.child === child && this.leave();
    // Not at the end of its output: a server that stands still keeps that open.
    child.on('error', lost).on('exit', lost);
    child.stdin?.on('error', lost);
    this.limit = options.clock.after(beginBound, lost);
    const reader = new ControlReader({
      block: (block) => {
        // The first is that of the attaching. What is said before that can be done before it, too.
        if (this.ready) this.take(block);
        else if (block.failed) lost();
        else this.attached();
      },
      isMark: (line) => line === this.asked[0]?.mark,
      broken: lost,
    });
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      if (this.child === child) reader.feed(text);
    });
    child.unref();
    for (const stream of [child.stdin, child.stdout] as (Socket | null)[]) stream?.unref();
  }

  private attached(): void {
    this.limit?.dispose();
    this.ready = true;
    this.notBefore = Number.NEGATIVE_INFINITY;
  }

  /**
   * Gives it one line of commands; what each of them printed, up to the one that failed. Throws NoAnswer when it ends or says
   * nothing for so many milliseconds; then it is gone, too.
   */
  ask(line: string, limitMs: number): Promise<ControlBlock[]> {
    const { clock } = this.options;
    return new Promise((resolve, reject) => {
      const timer = clock.after(limitMs, () => {
        settle(new NoAnswer('late'));
        this.leave();
      });
      // What a pane shows can look like the end of an answer; this mark it can't know.
      const mark = clock.random();
      const settle = (answer: ControlBlock[] | NoAnswer) => {
        timer.dispose();
        if (answer instanceof NoAnswer) reject(answer);
        else resolve(answer);
      };
      this.asked.push({ mark, blocks: [], settle });
      this.child?.stdin?.write(`${line}\ndisplay-message -p ${mark}\n`);
    });
  }

  private take(block: ControlBlock): void {
    const first = this.asked[0];
    const whole = !block.failed && block.text === `${first?.mark}\n`;
    if (!first) this.leave();
    else if (!whole) first.blocks.push(block);
    else {
      this.asked.shift();
      first.settle(first.blocks);
    }
  }

  /** Ends it. What is asked for is not answered any more. */
  private leave(): void {
    const { child, asked } = this;
    this.child = undefined;
    this.ready = false;
    this.asked = [];
    this.limit?.dispose();
    child?.stdin?.destroy();
    child?.stdout?.destroy();
    child?.kill('SIGKILL');
    for (const { settle } of asked) settle(new NoAnswer('lost'));
  }

  private inode(): number {
    // Of a memory file system, and asked before each call: a look aside would take longer than the call.
    try {
      return lstatSync(this.options.socket, { throwIfNoEntry: false })?.ino ?? 0;
    } catch {
      // Its folder may not be used: nor may the socket, then.
      return 0;
    }
  }

  dispose(): void {
    this.ended = true;
    this.leave();
  }
}
