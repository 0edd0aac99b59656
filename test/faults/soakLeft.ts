import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import type { Job } from '../../src/core/model/job';
import { readJson } from '../../src/core/store/jsonFile';
import { lastMessagePath } from '../../src/core/store/layout';
import { QueueFile } from '../../src/core/store/queueFile';
import type { TestCourier } from '../support/testCourier';
import type { Problem } from './soakEnds';

/** Every file that may stand below the workspace's and the user's folders when nothing is under way; what matches none is left over. */
const known = [
  /^work\/\.courier\/(folder\.json|\.gitignore|monitor\.(pid|log))$/,
  /^work\/\.courier\/inbox\/done\/[\w-]+\.json$/,
  /^work\/\.courier\/sessions\/active\/s\d+\/(metadata|job_queue|state\/health)\.json$/,
  /^work\/\.courier\/sessions\/active\/s\d+\/history\/\d{4}-\d{2}\.jsonl$/,
  /^work\/\.courier\/sessions\/active\/s\d+\/(prompts|output)\/[\w-]+(\.last-message)?\.md$/,
  /^work\/\.courier\/sessions\/active\/s\d+\/logs\/session\.log(\.\d)?$/,
  /^state\/tmux-courier\/config\.json$/,
  /^state\/tmux-courier\/runtime\/[^/]+\/[a-z-]+\.(js|sh)$/,
  /^state\/tmux-courier\/folders\/[\w-]+\/(folder|monitor|tmux_sessions|tmux_server)\.json$/,
  /^state\/tmux-courier\/folders\/[\w-]+\/(alive|tmux\.conf)$/,
  /^state\/tmux-courier\/folders\/[\w-]+\/claims\/\d{10}\.(json|heartbeat|released)$/,
  /^state\/tmux-courier\/folders\/[\w-]+\/answers\/done\/[\w-]+\.json$/,
  /^state\/tmux-courier\/folders\/[\w-]+\/launches\/l-[\w-]+\/(program_version|receipts\/[\w-]+\.json)$/,
  // tmux's lock is its own: a client that is killed while it starts the server leaves it to the next start (seen, 3.3a).
  /^run\/tmux-courier-\d+\/[0-9a-f]{12}(\.lock)?$/,
  /^record\.jsonl$/,
];

/** Evidence of a lost session is kept on purpose, a few of each. */
const evidence = /^work\/\.courier\/sessions\/active\/s\d+\/logs\/\d{8}T\d{9}_\w+\.txt$/;

/** Files that nothing needs any more. */
export async function leftFiles(courier: TestCourier): Promise<string[]> {
  const all = await fs.readdir(courier.root, { recursive: true, withFileTypes: true });
  return all
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.relative(courier.root, path.join(entry.parentPath, entry.name)))
    .filter((file) => !known.some((pattern) => pattern.test(file)) && !evidence.test(file));
}

/** What queues, inbox and outputs still hold that belongs to no job on its way. */
export async function leftJobs(courier: TestCourier, jobs: ReadonlyMap<string, Job>): Promise<Problem[]> {
  const { layout } = courier;
  const problems: Problem[] = [];
  const wrong = (text: string) => problems.push({ kind: 'wrong', text });
  const own = new Set(
    [...jobs.values()].flatMap(({ prompt_path, output_path }) => [
      prompt_path,
      output_path,
      lastMessagePath(output_path),
    ]),
  );
  for (const id of await fs.readdir(layout.active)) {
    const files = layout.session(id);
    const queue = await readJson(QueueFile, files.queue);
    if (queue.kind !== 'ok' || queue.value.jobs.length > 0) wrong(`the queue of ${id}: ${JSON.stringify(queue)}`);
    for (const dir of [files.prompts, files.output])
      for (const name of await fs.readdir(dir)) {
        const file = layout.relative(path.join(dir, name));
        if (!own.has(file)) wrong(`${file} belongs to no job`);
      }
  }
  for (const name of await fs.readdir(layout.rejected)) wrong(`inbox/rejected/${name}`);
  for (const id of jobs.keys()) {
    const reply = await fs.readFile(path.join(layout.done, `${id}.json`), 'utf8').catch((error) => String(error));
    if (!reply.includes('"ok": true')) wrong(`the reply to ${id}: ${reply}`);
  }
  return problems;
}
