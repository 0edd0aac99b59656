import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { RunnerProcess } from '../../support/runnerProcess';
import { TestCourier } from '../../support/testCourier';
import type { Measure } from '../figure';
import { median, spreadOf } from '../samples';

/**
 * `courier send FILE` (no --wait) as a person or a script runs it, from the start of its process to its end, when a runner
 * has said that the job is in the queue. The floor is a Node process that does nothing.
 */
export const measure: Measure = async (form) => {
  const runs = form === 'full' ? 31 : 11;
  const sleeper = { type: 'custom' as const, command: 'sleep', args: ['3600'], ready_pattern: 'it never says this' };
  const agents = { default_agent: 'sleeper', start_timeout_s: 3600, agents: { sleeper } };
  const courier = await TestCourier.create({ settings: { version: '1.0', ...agents } });
  const env = { ...courier.env, XDG_CACHE_HOME: path.join(courier.root, 'cache') };
  const prompt = path.join(courier.workspace, 'prompt.md');
  writeFileSync(prompt, 'Say hello.\n');
  const empty = path.join(courier.root, 'empty.js');
  writeFileSync(empty, '');
  const runner = await RunnerProcess.start(courier, ['monitor']);
  const ours: number[] = [];
  const floor: number[] = [];
  try {
    const command = [path.resolve('dist/courier.js'), 'send', prompt, '--dir', courier.workspace];
    // What V8 compiled is kept by the first.
    await timeOf(command, env);
    for (let i = 0; i < runs; i++) {
      ours.push(await timeOf(command, env));
      floor.push(await timeOf([empty], env));
    }
  } finally {
    await runner.end();
    await courier.stop();
  }
  return [
    {
      name: '"courier send" of a prompt, start of its process included',
      unit: 'ms',
      us: median(ours),
      floor: median(floor),
      goals: [{ at: 'most', value: 120, of: 'value' }],
      runs,
      spread: spreadOf(ours),
      note: 'floor: a Node process that does nothing',
    },
  ];
};

/** Milliseconds from the start of a Node process to its end. */
async function timeOf(args: string[], env: NodeJS.ProcessEnv): Promise<number> {
  const before = performance.now();
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`${args[0]} ended with ${code}`);
  return performance.now() - before;
}
