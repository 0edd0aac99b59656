import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { newJobId } from '../../src/core/model/ids';
import type { Job } from '../../src/core/model/job';
import type { SessionMetadata } from '../../src/core/model/session';
import type { Layout } from '../../src/core/store/layout';
import { isoTime } from '../../src/core/support/clock';

/** A reply of the last week: older ones are swept away. */
const repliesOfAWeek = 10_000;
const day = 24 * 3600 * 1000;

/** Writes a stopped session whose history has this many finished jobs of the last days, with the prompt and output file of each. */
export function writeLongHistory(layout: Layout, id: string, jobs: number, days = 300): void {
  const files = layout.session(id);
  for (const dir of [...files.folders, layout.done]) mkdirSync(dir, { recursive: true, mode: 0o700 });
  const now = Date.now();
  const metadata: SessionMetadata = {
    version: '1.0',
    session_id: id,
    name: id,
    created_at: isoTime(now - days * day),
    state: 'stopped',
    tmux_session: null,
    agent: 'demo',
    epoch: 0,
  };
  writeFileSync(files.metadata, JSON.stringify(metadata), { mode: 0o600 });
  writeFileSync(files.queue, JSON.stringify({ version: '1.0', epoch: 0, jobs: [] }), { mode: 0o600 });
  const months = new Map<string, string[]>();
  for (let i = 0; i < jobs; i++) {
    const at = now - Math.round((days * day * (jobs - i)) / jobs);
    const job = finishedJob(layout, id, at);
    writeFileSync(path.join(layout.workspace, job.prompt_path), `# Job ${job.job_id}\n\n${job.title}\n`, {
      mode: 0o600,
    });
    writeFileSync(path.join(layout.workspace, job.output_path), `The answer of ${job.job_id}.\n`, { mode: 0o600 });
    const month = files.historyFile(job.finished_at!);
    if (!months.has(month)) months.set(month, []);
    months.get(month)!.push(JSON.stringify({ ...job, epoch: 0 }));
    if (i < jobs - repliesOfAWeek) continue;
    const reply = { version: '1.0', id: job.job_id, ok: true };
    writeFileSync(path.join(layout.done, `${job.job_id}.json`), JSON.stringify(reply), { mode: 0o600 });
  }
  for (const [file, lines] of months) writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 });
}

/** Puts a reply of last month into the inbox: the runner's first slow look removes it. Returns its path. */
export function writeOldReply(layout: Layout): string {
  const file = path.join(layout.done, 'r-lastmonth.json');
  mkdirSync(layout.done, { recursive: true, mode: 0o700 });
  writeFileSync(file, JSON.stringify({ version: '1.0', id: 'r-lastmonth', ok: true }), { mode: 0o600 });
  const then = (Date.now() - 30 * day) / 1000;
  utimesSync(file, then, then);
  return file;
}

let made = 0;

function finishedJob(layout: Layout, session_id: string, at: number): Job {
  const random = () => (made++ % 0xffff_ffff).toString(16).padStart(32, '0').slice(-8).padEnd(32, '0');
  const named = { job_id: newJobId({ now: () => at, random }), type: 'task', created_at: isoTime(at) };
  const { prompt, output } = layout.session(session_id).jobFiles(named);
  return {
    ...named,
    session_id,
    agent: 'demo',
    mode: 'session',
    status: 'completed',
    title: 'Find out why the inventory counts an item twice when two orders come at once, and mend it',
    prompt_path: prompt,
    output_path: output,
    started_at: isoTime(at + 10),
    accepted_at: isoTime(at + 200),
    finished_at: isoTime(at + 60_000),
    attempts: 1,
    prompt_mtime_ns: `${at}000000`,
    launch_id: 'l-0123456789abcdef',
    prompt_id: '3a6c1c5e-7d55-4a0c-9d3a-7a1f0d7c2b11',
    requested_by: 'courier send',
    source: { path: 'src/inventory.ts', language: 'typescript', start_line: 10, end_line: 42, dirty: false },
  };
}
