import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { instructionFor } from '../../src/core/runner/instruction';
import { writePromptFile } from '../../src/core/runner/promptFile';
import { installClaude } from '../support/claudeCode';
import type { ClaudeCourier } from '../support/claudeCourier';
import { makeJob } from '../support/coreFixtures';
import { answer, prompt } from './model';

/**
 * `claude -p` for what a job of ours does, in the same folder, HOME and environment, against the same API, with the
 * same permissions and no hooks. `from: 'file'` gives it the very line that we type, its prompt file written before;
 * `from: 'stdin'` the prompt itself and where the answer goes. Resolves with the milliseconds from its start to its end.
 */
export async function claudePrint({ courier }: ClaudeCourier, from: 'file' | 'stdin'): Promise<number> {
  const job_id = `p-${process.hrtime.bigint()}`;
  const session = courier.layout.session('main');
  const files = session.jobFiles({ job_id, type: 'task', created_at: new Date().toISOString() });
  const job = makeJob(job_id, { prompt_path: files.prompt, output_path: files.output });
  const rule = (dir: string) => `./${courier.layout.relative(dir)}/**`;
  const allow = [`Read(${rule(session.prompts)})`, `Edit(${rule(session.output)})`];
  const options = ['--settings', JSON.stringify({ permissions: { allow } }), '--permission-mode', 'acceptEdits'];
  if (from === 'file') await writePromptFile(courier.workspace, job, { text: prompt });
  const line = from === 'file' ? instructionFor(job) : `${prompt}\nWrite your answer to ${files.output}\n`;

  const env = courier.settings.agents.claude!.env;
  const start = performance.now();
  const child = spawn(installClaude(), ['-p', ...(from === 'file' ? [line] : []), ...options], {
    cwd: courier.workspace,
    env,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.end(from === 'file' ? '' : line);
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  const [code] = await once(child, 'exit');
  const took = performance.now() - start;
  const written = await fs.readFile(path.join(courier.workspace, files.output), 'utf8').catch(() => '');
  if (code !== 0 || written !== answer) throw new Error(`claude -p ended with ${code} and no answer: ${said}`);
  return took;
}
