import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { openFolder } from '../../src/core/store/folder';
import { systemClock } from '../../src/core/support/clock';
import { processesOf } from '../support/agentCourier';
import { useClaude } from '../support/claudeCourier';
import { gate } from '../support/gate';
import { answer, byMarker } from '../support/messagesTurns';
import { readReceipts } from '../support/receiptsFolder';
import { waitFor } from '../support/waitFor';

describe("Claude Code: the guide's validation checklist", function () {
  this.timeout(120_000);
  const start = useClaude();

  it('holds, point by point, for a job in a tmux session of its own', async () => {
    const hold = gate();
    const claude = await start({ script: byMarker({}, answer('# Four\n\n2 + 2 = 4\n', hold)) });
    const { courier } = claude;
    await courier.runner();
    const text = 'What is 2 + 2?\nAnswer with a heading.';
    const id = await courier.send(text, { mode: 'fresh' });
    const job = await courier.jobWhere(id, 'works', (one) => one.phase === 'working');
    const folder = courier.user.folder((await openFolder(courier.layout, courier.user, systemClock)).folder_id);
    const inWorkspace = (relative: string) => path.join(courier.workspace, relative);

    // TMUX session creates successfully
    const name = `courier_job_${id}`;
    assert.equal(await courier.tmux('list-sessions', '-F', '#{session_name}'), `${name}\n`);
    // Claude CLI starts in session
    const pid = await claude.pid(name);
    const receipts = await readReceipts(folder.launch(job.launch_id as string).receipts);
    const taken = receipts.find((receipt) => receipt.hook_event_name === 'UserPromptSubmit');
    const command = (await fs.readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0').join(' ');
    assert.match(command, new RegExp(`claude .*--session-id ${taken?.session_id}`));
    // Prompt file written to disk
    const prompt = await fs.readFile(inWorkspace(job.prompt_path), 'utf8');
    assert.ok(prompt.includes(text) && prompt.includes(job.output_path));
    // Instruction sent to Claude
    assert.equal(claude.taken(id), 1);
    assert.match(claude.api.turns[0]!.instruction, new RegExp(`^Job ${id}: .*${job.prompt_path}.*${job.output_path}`));

    hold.open();
    const ended = await courier.ended(id);
    assert.equal(ended.status, 'completed', JSON.stringify(ended));
    // Output file appears
    const output = await fs.stat(inWorkspace(job.output_path), { bigint: true });
    assert.ok(output.isFile());
    // File mtime > job start time
    assert.ok(Number(output.mtimeNs / 1_000_000n) >= Date.parse(ended.started_at!));
    assert.ok(output.mtimeNs > (await fs.stat(inWorkspace(job.prompt_path), { bigint: true })).mtimeNs);
    // File contains expected content
    assert.equal(await courier.output(ended), '# Four\n\n2 + 2 = 4\n');
    // Session cleanup works
    await waitFor(() => processesOf(claude.home).length === 0, {
      what: () => `the end of ${processesOf(claude.home)}`,
    });
    await assert.rejects(courier.tmux('has-session', '-t', `=${name}`));
    await waitFor(async () => (await fs.readdir(folder.launches)).length === 0, { what: 'the end of its receipts' });
    assert.deepEqual(await fs.readdir(inWorkspace('.courier/sessions/active')), ['main']);
  });
});
