import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import fc from 'fast-check';
import { createAgent } from '../../../src/core/agents/registry';
import { AgentPane } from '../../../src/core/sessions/agentPane';
import { defaultSettings } from '../../../src/core/store/settings';
import { LaunchLayout } from '../../../src/core/store/userState';
import { systemClock } from '../../../src/core/support/clock';
import { badJson } from './badText';
import { holds, makeFastDir, type Property } from './property';

const recorded = path.resolve('test/fixtures/receipts/claude');

/** What Claude Code's hooks gave, by event. */
function payloads(): { name: string; payload: object }[] {
  const names = readdirSync(recorded).filter((name) => name.endsWith('.json'));
  return names.map((name) => ({ name, payload: JSON.parse(readFileSync(path.join(recorded, name), 'utf8')) }));
}

/** A hook's payload may be anything: it is passed over or understood, and those before and after it count. */
export const receiptProperties: Property[] = (['claude', 'demo'] as const).map((agent) => ({
  name: `a receipt of ${agent}: what can't be read is named, and those that came with it and after it are heard`,
  async check(runs, onTry) {
    const dir = await makeFastDir();
    const bad = fc.constantFrom(...payloads()).chain(({ payload }) => badJson(payload));
    let number = 0;
    try {
      await holds(
        fc.array(bad, { minLength: 1, maxLength: 3 }),
        runs,
        async (files) => {
          const launch = new LaunchLayout(path.join(dir.path, String(number++)));
          await hear(agent, launch, files);
          await fs.rm(launch.dir, { recursive: true });
        },
        onTry,
      );
    } finally {
      await dir.remove();
    }
  },
}));

async function hear(agentId: string, launch: LaunchLayout, files: Buffer[]): Promise<void> {
  for (const one of [launch.receipts, launch.decisions]) await fs.mkdir(one, { recursive: true });
  const said: string[] = [];
  const agent = createAgent(agentId, defaultSettings(), { node: 'node', script: 'demo' });
  const place = { session: 's', pane_id: '%0', launch_id: 'l-1' };
  const pane = new AgentPane(agent, {} as never, 1, place, launch, systemClock, undefined, (text) => said.push(text));
  const drop = (name: string, bytes: string | Buffer) =>
    fs.writeFile(path.join(launch.receipts, `${name}.json`), bytes);
  const own = { session_id: 'c', prompt_id: 'p-own' };
  const event = (hook_event_name: string, more: object) => JSON.stringify({ ...own, hook_event_name, ...more });
  await drop('a-first', event('UserPromptSubmit', { prompt: 'Job j-1' }));
  for (const [i, bytes] of files.entries()) await drop(`b-${i}`, bytes);
  await drop('c-last', event('Stop', { last_assistant_message: 'done' }));
  await pane.readReceipts();
  const heard = () => pane.events.flatMap((one) => ('promptId' in one && one.promptId === 'p-own' ? [one.kind] : []));
  assert.deepEqual(heard(), ['accepted', 'finished']);
  for (const [i, bytes] of files.entries()) {
    if (!isJson(bytes))
      assert.ok(
        said.some((text) => text.includes(`b-${i}.json`)),
        `b-${i} is not named: ${said}`,
      );
  }
  await drop('d-later', event('UserPromptSubmit', { prompt: 'Job j-2' }));
  await pane.readReceipts();
  assert.deepEqual(heard(), ['accepted', 'finished', 'accepted']);
}

function isJson(bytes: Buffer): boolean {
  try {
    JSON.parse(bytes.toString('utf8'));
    return true;
  } catch {
    return false;
  }
}
