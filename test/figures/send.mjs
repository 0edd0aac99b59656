// What "courier send --agent claude --wait" costs beyond the CLI's own time, start of the process included.
// The CLI's own time is read off its receipts. Ends with exit code 1 when a median is above its bound.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { repo } from '../scripts/prepare.mjs';

const require = createRequire(import.meta.url);
const { ClaudeCourier } = require(path.join(repo, 'out/test/support/claudeCourier.js'));
const { byMarker } = require(path.join(repo, 'out/test/support/messagesTurns.js'));

const runs = { warm: 11, cold: 5 };
const bounds = { warm: 300, cold: 800 };
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** Runs the command to its end, while this process's own API answers the CLI. */
function send(courier, file) {
  const start = performance.now();
  const command = [path.join(repo, 'dist/courier.js'), 'send', '--agent', 'claude', '--wait', file];
  const child = spawn(process.execPath, command, {
    cwd: courier.workspace,
    env: courier.env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return new Promise((resolve, reject) =>
    child.on('exit', (code) =>
      code === 0 ? resolve(performance.now() - start) : reject(new Error(`send ended with ${code}`)),
    ),
  );
}

/** The one launch of a workspace, in the user's own state. */
function launchDir(courier) {
  const folders = path.join(courier.root, 'state/tmux-courier/folders');
  const launches = path.join(folders, fs.readdirSync(folders)[0], 'launches');
  return path.join(launches, fs.readdirSync(launches)[0]);
}

/** When (ms since the epoch) the newest receipt of each event was written. */
function receipts(courier) {
  const dir = path.join(launchDir(courier), 'receipts');
  const files = fs.readdirSync(dir).filter((name) => name.endsWith('.json'));
  return Object.fromEntries(
    files.map((name) => {
      const file = path.join(dir, name);
      return [JSON.parse(fs.readFileSync(file, 'utf8')).hook_event_name, fs.statSync(file).mtimeMs];
    }),
  );
}

/** How long the CLI took from its launch to its SessionStart; the job's own receipts replace that one, so it is read in between. */
async function startTime(courier, ended) {
  for (;;) {
    try {
      const { SessionStart } = receipts(courier);
      if (SessionStart) return SessionStart - fs.statSync(path.join(launchDir(courier), 'settings.json')).mtimeMs;
    } catch {
      // not launched yet
    }
    if (await Promise.race([ended.then(() => true), new Promise((r) => setTimeout(r, 5, false))]))
      throw new Error('no SessionStart was seen');
  }
}

/** CPU time (clock ticks) that a process has used. */
function ticks(pid) {
  const fields = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

/** Waits until the CLI does nothing: after a turn it is busy for itself for a while, and that is not part of a send. */
async function idle(claude) {
  const pid = await claude.pid();
  for (let before = -1; ; ) {
    const now = ticks(pid);
    if (now - before <= 1) return;
    before = now;
    await new Promise((r) => setTimeout(r, 300));
  }
}

async function prepared() {
  const claude = await ClaudeCourier.create({ script: byMarker({}) });
  const { courier } = claude;
  const { settings, user } = courier;
  fs.mkdirSync(path.dirname(user.config), { recursive: true });
  fs.writeFileSync(user.config, JSON.stringify(settings));
  fs.writeFileSync(path.join(courier.workspace, 'prompt.md'), 'Say hello.\n');
  return claude;
}

const row = (name, total, own, bound) => {
  const added = total.map((t, i) => t - own[i]);
  console.log(
    `${name.padEnd(34)} ${median(total).toFixed(0).padStart(6)} ms in all, ${median(own).toFixed(0).padStart(5)} ms the CLI's own, ` +
      `${median(added).toFixed(0).padStart(4)} ms added (${Math.min(...added).toFixed(0)} to ${Math.max(...added).toFixed(0)}; at most ${bound})`,
  );
  if (median(added) > bound) process.exitCode = 1;
};

const warm = { total: [], own: [] };
const cold = { total: [], own: [] };
const claude = await prepared();
try {
  await send(claude.courier, 'prompt.md');
  for (let i = 0; i < runs.warm; i++) {
    await idle(claude);
    warm.total.push(await send(claude.courier, 'prompt.md'));
    const { UserPromptSubmit, Stop } = receipts(claude.courier);
    warm.own.push(Stop - UserPromptSubmit);
  }
} finally {
  await claude.stop();
}
for (let i = 0; i < runs.cold; i++) {
  const fresh = await prepared();
  try {
    const sent = send(fresh.courier, 'prompt.md');
    const start = await startTime(fresh.courier, sent);
    cold.total.push(await sent);
    const { UserPromptSubmit, Stop } = receipts(fresh.courier);
    cold.own.push(start + Stop - UserPromptSubmit);
  } finally {
    await fresh.stop();
  }
}
const boots = Array.from({ length: 9 }, () => {
  const start = performance.now();
  spawnSync(process.execPath, ['-e', '0']);
  return performance.now() - start;
});
console.log(`${'an empty Node process'.padEnd(34)} ${median(boots).toFixed(0).padStart(6)} ms`);
row('send --wait, warm session', warm.total, warm.own, bounds.warm);
row('send --wait, from nothing', cold.total, cold.own, bounds.cold);
