import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { type ClaudeCourier, useClaude } from '../support/claudeCourier';
import { answer, byMarker, tool, usesFirst } from '../support/messagesTurns';

const bash = tool('Bash', { command: 'python3 -c "print(1)"', description: 'Print a number' });
const script = byMarker({ '[[run]]': usesFirst(bash) }, answer('Looked at.\n'));

describe('Claude Code: a session as one of its own agents', function () {
  this.timeout(120_000);
  const start = useClaude();
  const define = async ({ courier }: ClaudeCourier, name: string, front = '') => {
    const dir = path.join(courier.workspace, '.claude', 'agents');
    await mkdir(dir, { recursive: true });
    await writeFile(
      path.join(dir, `${name}.md`),
      `---\nname: ${name}\ndescription: Looks\n${front}---\nYou know wombats.\n`,
    );
  };
  const create = ({ courier }: ClaudeCourier, subagent: string) =>
    courier.client.request({ action: 'create_session', session_id: 'main', subagent });
  /** What the model was told that it is, newest request last. */
  const systems = ({ api }: ClaudeCourier) =>
    api.requests.flatMap(({ body }) => (body?.tools?.length ? [JSON.stringify(body.system)] : []));

  it("runs with that agent's words, in the right folder, also when it comes back", async () => {
    const claude = await start({ script, folderName: 'a folder [1]' });
    const { courier } = claude;
    await define(claude, 'looker');
    await courier.runner();
    assert.equal((await create(claude, 'looker'))?.ok, true);
    const first = await courier.ended(await courier.send('Look.'), 40_000);
    assert.equal(first.status, 'completed', JSON.stringify(first));
    assert.equal(await courier.output(first), 'Looked at.\n');
    assert.equal((await courier.session())?.subagent, 'looker');
    assert.match(systems(claude).at(-1)!, /You know wombats\.\\n\\nWorking directory: .*a folder \[1\]"/);

    await courier.client.request({ action: 'stop_session', session_id: 'main' });
    const count = systems(claude).length;
    const second = await courier.ended(await courier.send('Look again.'), 40_000);
    assert.equal(second.status, 'completed', JSON.stringify(second));
    assert.ok(systems(claude).length > count);
    assert.match(systems(claude).at(-1)!, /You know wombats/);

    const fresh = await courier.ended(await courier.send('Look by yourself.', { mode: 'fresh' }), 40_000);
    assert.equal(fresh.status, 'completed', JSON.stringify(fresh));
    assert.match(systems(claude).at(-1)!, /You know wombats/);
  });

  it('gets no more permission than the user gave, whatever its file says', async () => {
    const claude = await start({ script, sandbox: true, home: { bypassAccepted: true } });
    await define(claude, 'bold', 'permissionMode: bypassPermissions\n');
    await claude.courier.runner();
    await create(claude, 'bold');
    await claude.courier.send('[[run]]');
    const waiting = await claude.waiting('permission');
    assert.match(waiting.text, /^Bash: python3/);
  });

  it('says that there is no such agent, and sends nothing', async () => {
    const claude = await start({ script });
    await claude.courier.runner();
    await create(claude, 'absent');
    const job = await claude.courier.ended(await claude.courier.send('Look.'), 40_000);
    assert.equal(job.reason, 'start_failed');
    assert.match(job.message ?? '', /absent' not found/);
    assert.equal(claude.taken(job.job_id), 0);
  });
});
