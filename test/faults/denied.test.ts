import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { isFinal, type Job } from '../../src/core/model/job';
import { hasCode } from '../../src/core/support/errors';
import { SeededRandom } from '../support/seededRandom';
import type { TestCourier } from '../support/testCourier';
import { waitFor } from '../support/waitFor';
import { CourierProcess, giveToNobody, noOtherUser, type ProcessOptions } from './courierProcess';
import { fault } from './fault';
import type { Trial } from './trial';

/** Another one than nobody, of whom a row beside this one uses up all that watches files. */
const daemon = 1;

const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 1_000_000);

/** Files and folders that an ordinary user may not use any more, until `restore`. */
class Denied {
  private readonly before: { file: string; mode: number }[] = [];

  constructor(private readonly random: SeededRandom) {}

  /** Takes some of these away: all of their modes, or the right to write; a file may come to be another user's. */
  async take(files: string[], most: number): Promise<void> {
    for (let n = this.random.between(1, most); n > 0; n--) {
      const file = this.random.pick(files)!;
      const stat = await fs.lstat(file).catch(() => undefined);
      if (!stat || (!stat.isFile() && !stat.isDirectory())) continue;
      const kept = this.random.pick([0, 0o555, 0o333])!;
      this.before.push({ file, mode: stat.mode & 0o7777 });
      const toRoot = this.random.next() < 0.3;
      try {
        await fs.chmod(file, stat.mode & kept & 0o7777);
        if (toRoot) await fs.chown(file, 0, 0);
      } catch (error) {
        // It was replaced or removed meanwhile.
        if (!hasCode(error, 'ENOENT')) throw error;
      }
    }
  }

  get names(): string {
    return this.before.map(({ file }) => file).join(', ');
  }

  async restore(): Promise<void> {
    for (const { file, mode } of this.before.splice(0).reverse()) {
      // A file may have been replaced meanwhile.
      await fs.chown(file, daemon, daemon).catch(() => {});
      await fs.chmod(file, mode).catch(() => {});
    }
  }
}

/** All that stands in a workspace's `.courier` and in its part of the user's state, with these folders themselves. */
async function everything({ layout, user }: TestCourier): Promise<string[]> {
  const below = async (dir: string) => [
    dir,
    ...(await fs.readdir(dir, { recursive: true })).map((f) => path.join(dir, f)),
  ];
  return (await Promise.all([layout.root, path.join(user.root, 'folders')].map(below))).flat();
}

async function send(
  trial: Trial,
  courier: TestCourier,
  options: ProcessOptions,
  text: string,
): Promise<CourierProcess> {
  const prompt = path.join(courier.root, 'prompt.md');
  await fs.writeFile(prompt, text, { mode: 0o644 });
  const sent = await CourierProcess.start(trial, courier, ['send', '--agent', 'demo', prompt], options);
  await sent.ended;
  return sent;
}

/** Sends what nothing stands in the way of; returns the job's id. */
async function sends(...what: Parameters<typeof send>): Promise<string> {
  const { child, stdout, stderr } = await send(...what);
  assert.equal(child.exitCode, 0, stderr);
  return stdout.trim();
}

/** Sends what may be refused for what is denied, in words; returns the job's id when it was not. */
async function maySend(...what: Parameters<typeof send>): Promise<string | undefined> {
  const { child, stdout, stderr } = await send(...what);
  if (child.exitCode === 0) return stdout.trim();
  assert.match(stderr, /EACCES|EPERM|may not|can't|not this machine's|adopt|no folder|The request is kept/i);
  return undefined;
}

describe(`what is denied (FUZZ_SEED=${seed})`, () => {
  const tries = { tries: 12, short: 2, notRun: noOtherUser };
  fault('files and folders that an ordinary user may not use for a while, any of them', tries, async (trial, n) => {
    const random = new SeededRandom(seed + n);
    const courier = await trial.courier({ heartbeat_s: 0.5, takeover_after_s: 3 });
    const options = await giveToNobody(trial, courier, daemon);
    const monitor = await CourierProcess.start(trial, courier, ['monitor'], options);
    courier.logs.push(() => monitor.stderr);
    const ids: string[] = [];
    const first = await sends(trial, courier, options, 'The first one.');
    await trial.completes(courier, first, 60_000);
    for (let round = 0; round < 3; round++) {
      const denied = new Denied(random);
      const early = random.next() < 0.5;
      const mode = random.pick(['slow=300', 'two-step=300', 'late-stop=300'])!;
      if (!early) await denied.take(await everything(courier), 4);
      const id = await maySend(trial, courier, options, `Number ${round}.\n\ndemo-mode: ${mode}\n`);
      if (early) await denied.take(await everything(courier), 4);
      if (id) ids.push(id);
      const over = async () => {
        const job = id && (await courier.job(id).catch(() => undefined));
        return job ? isFinal(job.status) : /EACCES/.test(monitor.stderr);
      };
      await waitFor(over, { timeout: 3000 }).catch(() => {});
      const names = denied.names;
      await denied.restore();
      assert.equal(monitor.child.exitCode, null, `the monitor ended without ${names}: ${monitor.stderr}`);
    }
    for (const id of ids) {
      const known = async () =>
        (await courier.job(id)) ?? (await courier.client.reply(id, 0).then((reply) => reply?.ok === false));
      await waitFor(known, { timeout: 60_000, what: () => `${id}\n${monitor.stderr}` });
      if (!(await courier.job(id))) continue;
      // An agent that may write no receipt takes its line, and nothing says so: a person decides.
      const over = (job: Job) => isFinal(job.status) || job.waiting?.kind === 'not_accepted';
      if (!isFinal((await courier.jobWhere(id, 'has ended, or waits for a person', over, 60_000)).status)) {
        await (await CourierProcess.start(trial, courier, ['cancel', id], options)).ended;
      }
      const job = await courier.ended(id, 60_000);
      if (job.status === 'completed') await trial.answersItself(courier, job);
      else assert.ok(job.status === 'cancelled' || job.message, JSON.stringify(job));
      if (trial.taken(courier, id) > 1) trial.note('doubled', id);
    }
    const last = await sends(trial, courier, options, 'The last one.');
    await trial.answersItself(courier, await trial.completes(courier, last, 60_000));
  });
});
