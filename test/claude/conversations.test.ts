import assert from 'node:assert/strict';
import * as path from 'node:path';
import { claudeConversations } from '../../src/core/agents/claudeConversations';
import { claudeEnv, installClaude } from '../support/claudeCode';
import { type ClaudeCourier, useClaude } from '../support/claudeCourier';
import { answer, byMarker, say } from '../support/messagesTurns';
import { type TmuxPane, TmuxServer } from '../support/tmuxServer';
import { waitFor } from '../support/waitFor';

describe('Claude Code: a conversation that a person began in a tmux of their own', function () {
  this.timeout(120_000);
  let own: TmuxServer | undefined;
  // Before the end of the home that its CLI is in.
  afterEach(async () => {
    await own?.stop();
    own = undefined;
  });
  const start = useClaude();

  const script = byMarker(
    {
      pineapple: async function* () {
        yield say('I will.');
      },
    },
    answer('Pineapple.\n'),
  );
  const stored = ({ courier, home }: ClaudeCourier) =>
    claudeConversations(courier.workspace, path.join(home, '.claude'));
  /** A person starts the CLI in their own tmux, and has one turn with it. */
  async function talk({ courier, api, home }: ClaudeCourier): Promise<TmuxPane> {
    own = await TmuxServer.create();
    const env = claudeEnv({ home, apiUrl: api.url });
    const pane = await own.start([installClaude()], { cwd: courier.workspace, env });
    await pane.waitForScreen(/^❯/m, 30_000);
    await pane.type('Remember the word pineapple please.');
    await pane.waitForScreen(/❯\s+Remember the word pineapple/);
    await pane.press('Enter');
    await pane.waitForScreen(/I will\./);
    return pane;
  }

  it('is listed with what is said there, runs until it is closed, and goes on in a session that remembers it', async () => {
    const claude = await start({ script, folderName: 'wö rk.x_y' });
    const { courier } = claude;
    const pane = await talk(claude);
    const listed = await waitFor(
      async () => {
        const found = await stored(claude);
        return found.length === 1 && found[0]!.title !== undefined ? found[0] : undefined;
      },
      { what: async () => `one conversation with a title: ${JSON.stringify(await stored(claude))}` },
    );
    assert.equal(listed.firstPrompt, 'Remember the word pineapple please.');
    assert.equal(listed.title, 'A test');
    assert.equal(listed.inTerminal, true);
    assert.ok(listed.running.kind === 'yes' && listed.running.where === 'tmux', JSON.stringify(listed.running));

    process.kill(listed.running.pid, 'SIGKILL');
    await pane.waitForExit();
    assert.deepEqual((await stored(claude))[0]?.running, { kind: 'no' });

    await courier.runner();
    const request = { action: 'create_session', session_id: 'main', conversation_id: listed.id } as const;
    const reply = await courier.client.request(request);
    assert.equal(reply?.ok, true, reply?.error);
    const job = await courier.ended(await courier.send('Which word was it?'), 40_000);
    assert.equal(job.status, 'completed', JSON.stringify(job));
    assert.equal(await courier.output(job), 'Pineapple.\n');
    const asked = claude.api.requests.findLast(({ body }) => JSON.stringify(body ?? '').includes(`Job ${job.job_id}:`));
    assert.ok(
      JSON.stringify(asked).includes('Remember the word pineapple please.'),
      'the earlier turn is in the request',
    );
    const session = await courier.session();
    assert.deepEqual([session?.conversation_id, session?.notice], [listed.id, undefined]);
    const [now] = await stored(claude);
    assert.ok(now?.id === listed.id && now.running.kind === 'yes', JSON.stringify(now));
  });
});
