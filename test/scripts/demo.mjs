// npm run demo [-- --keep]: one real job through the built-in Demo agent, in a workspace and with a state of its own.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { copySample, exitOnSignals, makeSandbox } from '../harness/sandbox.mjs';
import { build, ensurePackages, repo } from './prepare.mjs';
import { ensureTools } from './tools.mjs';

const keep = process.argv.includes('--keep');
const courier = path.join(repo, 'dist/courier.js');

/** Runs courier; resolves with its exit code and what it printed. */
function run(args, env) {
  const child = spawn(process.execPath, [courier, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let stdout = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout }));
  });
}

function printTimes(job, total) {
  const steps = [
    ['job created', job.created_at],
    ['job started', job.started_at],
    ['accepted by the agent', job.accepted_at],
    ['answer complete', job.finished_at],
  ].filter(([, at]) => at);
  let before = Date.parse(job.created_at);
  for (const [name, at] of steps) {
    const time = Date.parse(at);
    console.log(`  ${at}  +${String(time - before).padStart(5)} ms  ${name}`);
    before = time;
  }
  console.log(`  ${''.padEnd(24)}   ${String(total).padStart(5)} ms  in all, start of the courier command included`);
}

async function main() {
  ensureTools(['tmux']);
  ensurePackages();
  build();
  exitOnSignals();
  const sandbox = makeSandbox();
  const workspace = copySample(repo, sandbox.dir('inventory'));
  const file = path.join(workspace, 'README.md'); // the prompt: it has headings and TODOs for the Demo agent to find
  console.log(`\nWorkspace: ${workspace}\n$ courier send --agent demo --wait --json ${path.basename(file)}\n`);

  const start = Date.now();
  const sent = await run(['send', '--agent', 'demo', '--wait', '--json', file, '--dir', workspace], sandbox.env);
  const total = Date.now() - start;
  let job;
  try {
    job = JSON.parse(sent.stdout);
  } catch {
    throw new Error(`courier send ended with ${sent.code} and printed no job:\n${sent.stdout}`);
  }
  console.log(`Prompt: ${job.prompt_path}\nOutput: ${job.output_path}`);
  if (job.status !== 'completed') throw new Error(`The job is ${job.status}: ${job.reason ?? ''} ${job.message ?? ''}`);
  const answer = fs.readFileSync(path.join(workspace, job.output_path), 'utf8').trimEnd();
  console.log(`\nThe answer:\n\n${answer.replace(/^/gm, '  | ')}\n\nThe times:\n`);
  printTimes(job, total);

  spawnSync(process.execPath, [courier, 'stop', job.session_id, '--dir', workspace], {
    env: { ...process.env, ...sandbox.env },
    stdio: 'ignore',
    timeout: 10_000,
  });
  if (keep) {
    const kept = path.join(repo, 'test/.output', `demo-${job.job_id}`);
    fs.cpSync(workspace, kept, { recursive: true });
    console.log(`\nKept a copy of the workspace: ${kept}`);
  }
  console.log('\nNext: npm start opens VS Code on this project.');
}

main().catch((e) => {
  console.error(`\n${e.message}`);
  process.exitCode = 1;
});
