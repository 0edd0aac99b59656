import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readdirSync, rmSync, statSync, writeSync } from 'node:fs';
import * as path from 'node:path';
import { RunnerProcess } from '../../support/runnerProcess';
import { TestCourier } from '../../support/testCourier';
import type { Measure } from '../figure';
import { median, memoryOf, spreadOf } from '../samples';

const megabytes = 100;

/**
 * `courier send FILE` with a runner that takes it: milliseconds from the start of the command to its end, when the job with
 * its prompt file is in the queue; and the most memory that the command and the runner held, together.
 */
export const measure: Measure = async (form) => {
  const runs = form === 'full' ? 11 : 3;
  const big: Sample[] = [];
  const small: Sample[] = [];
  for (let i = 0; i < runs; i++) {
    // A runner of its own for each: what it held at most would else be that of all before.
    big.push(await sample(megabytes * 1024 * 1024));
    small.push(await sample(100));
  }
  const figure = (what: keyof Sample) => ({
    us: median(big.map((one) => one[what])),
    floor: median(small.map((one) => one[what])),
    runs,
    spread: spreadOf(big.map((one) => one[what])),
    note: 'floor: a prompt of 100 bytes',
  });
  return [
    {
      name: `sending a prompt of ${megabytes} MB`,
      unit: 'ms',
      ...figure('time'),
      goals: [{ at: 'most', value: 1000, of: 'value' }],
    },
    {
      name: `memory for a prompt of ${megabytes} MB, command and runner together`,
      unit: 'MB',
      ...figure('memory'),
      goals: [{ at: 'most', value: 50, of: 'above the floor' }],
    },
  ];
};

interface Sample {
  time: number;
  memory: number;
}

async function sample(bytes: number): Promise<Sample> {
  const agents = { nobody: { type: 'custom' as const, command: 'true' } };
  const courier = await TestCourier.create({ settings: { version: '1.0', default_agent: 'nobody', agents } });
  const file = path.join(courier.workspace, 'prompt.md');
  writeLines(file, bytes);
  const runner = await RunnerProcess.start(courier, ['monitor']);
  try {
    const before = performance.now();
    const child = spawn(process.execPath, [path.resolve('dist/courier.js'), 'send', file, '--dir', courier.workspace], {
      env: courier.env,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const ended = once(child, 'exit');
    let held = 0;
    // VmHWM never falls, so that a look just before the end is as good as one at the end.
    const look = () => {
      try {
        held = Math.max(held, memoryOf(child.pid!, 'VmHWM'));
      } catch {
        // It has ended.
      }
    };
    const looking = setInterval(look, 5);
    const [code] = await ended;
    const time = performance.now() - before;
    clearInterval(looking);
    if (code !== 0) throw new Error(`courier send ended with ${code}`);
    const { prompts } = courier.layout.session('main');
    const [name] = readdirSync(prompts);
    if (statSync(path.join(prompts, name!)).size < bytes) throw new Error(`${name} does not hold the prompt`);
    return { time, memory: held + memoryOf(runner.pid, 'VmHWM') };
  } finally {
    await runner.end();
    await courier.stop();
    rmSync(file, { force: true });
  }
}

/** Writes so many bytes of lines. */
function writeLines(file: string, bytes: number): void {
  const block = Buffer.alloc(
    Math.min(bytes, 1024 * 1024),
    'Each of these lines is a part of what is asked for here.\n',
  );
  const handle = openSync(file, 'wx', 0o600);
  for (let written = 0; written < bytes; written += block.length) writeSync(handle, block);
  closeSync(handle);
}
