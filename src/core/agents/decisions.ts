import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { writeWhole } from '../store/wholeFile';
import type { Clock } from '../support/clock';
import { hasCode } from '../support/errors';
import { until } from '../support/until';

/** How long a hook, which looks every 0.2 s, has to take a decision, in milliseconds. */
const takenWithin = 5000;

/** The folder in which the hooks of one launch wait for decisions. Each has its mark there, under the id of its receipt. */
export class Decisions {
  constructor(
    private readonly dir: string,
    private readonly clock: Clock,
  ) {}

  /** Whether the hook of this receipt waits. One that was killed leaves its mark behind. */
  async waits(id: string): Promise<boolean> {
    return exists(this.mark(id));
  }

  /** Gives a waiting hook what it is to print; true when the hook has taken it, false when there is none any more. */
  async decide(id: string, text: string): Promise<boolean> {
    if (!(await this.waits(id))) return false;
    const file = path.join(this.dir, `${id}.json`);
    await writeWhole(file, `${text}\n`);
    await until(async () => (!(await exists(file)) || !(await this.waits(id)) ? true : undefined), {
      clock: this.clock,
      wake: () => ({ dispose: () => {} }),
      pollMs: 20,
      limitMs: takenWithin,
      signal: new AbortController().signal,
    });
    try {
      await fs.unlink(file);
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return true;
      throw error;
    }
    await this.letGo(id);
    return false;
  }

  /** Ends a hook's wait with no decision: the CLI goes by what is answered in its dialog. */
  async letGo(id: string): Promise<void> {
    await fs.rm(this.mark(id), { force: true });
  }

  private mark(id: string): string {
    return path.join(this.dir, `${id}.waiting`);
  }
}

async function exists(file: string): Promise<boolean> {
  try {
    await fs.access(file);
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
}
