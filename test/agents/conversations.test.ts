import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { StoredConversation } from '../../src/core/agents/agent';
import { codexConversations } from '../../src/core/agents/codexConversations';
import { writeSettings } from '../../src/core/store/settings';
import { CodexCourier, codexCli, codexEnv } from '../support/codexCourier';
import { goOn } from '../support/goOn';
import { installCli } from '../support/installCli';
import { answer, byMarker, say } from '../support/messagesTurns';
import { type TmuxPane, TmuxServer } from '../support/tmuxServer';
import { waitFor } from '../support/waitFor';

describe('Codex: a conversation that a person began in a tmux of their own', function () {
  this.timeout(120_000);
  let own: TmuxServer | undefined;
  let codex: CodexCourier | undefined;
  before(function () {
    this.timeout(600_000);
    installCli(codexCli);
  });
  afterEach(async () => {
    await own?.stop();
    if (codex) endBackground(codex);
    await codex?.stop();
    own = codex = undefined;
  });

  const script = byMarker(
    {
      pineapple: async function* () {
        yield say('I will.');
      },
    },
    answer('Pineapple.\n'),
  );
  const stored = ({ courier, home }: CodexCourier) => codexConversations(courier.workspace, path.join(home, '.codex'));

  /** A person starts the CLI in their own tmux, has one turn with it, and names that. */
  async function talk({ courier, home }: CodexCourier): Promise<TmuxPane> {
    own = await TmuxServer.create();
    const pane = await own.start([installCli(codexCli)], { cwd: courier.workspace, env: codexEnv(home) });
    await pane.waitForScreen(/^› Ask Codex/m, 30_000);
    const line = async (text: string, done: RegExp) => {
      await pane.type(text);
      await pane.waitForScreen(new RegExp(`^› ${text}`, 'm'));
      await pane.press('Enter');
      await pane.waitForScreen(done);
    };
    await line('Remember the word pineapple please.', /I will\./);
    await line('/rename Fruit talk', / · Fruit talk$/m);
    return pane;
  }

  it('is listed with what is said there, waits while it is open elsewhere, and goes on in a session that remembers it', async () => {
    codex = await CodexCourier.create({ script });
    const { courier } = codex;
    assert.deepEqual(await stored(codex), []);
    await talk(codex);
    const listed = await waitFor(
      async () => {
        const found = await stored(codex!);
        return found.length === 1 && found[0]!.title !== undefined ? found[0]! : undefined;
      },
      { what: async () => `one conversation with a title: ${JSON.stringify(await stored(codex!))}` },
    );
    const { title, firstPrompt, inTerminal, running } = listed;
    assert.deepEqual({ title, firstPrompt, inTerminal }, said);
    assert.ok(running.kind === 'yes' && running.where === 'background', JSON.stringify(running));

    await courier.runner();
    await writeSettings(courier.user, courier.settings);
    await assert.rejects(goOn(courier, listed.id), /open in its agent's background process .* --yes/);
    assert.match(await goOn(courier, listed.id, '--yes'), /"session_id": "main",\s+"state": "waiting"/);
    const waiting = await codex.waiting('unknown');
    assert.equal(
      waiting.text,
      'This conversation is open in another app\nClose it there and press R to continue here.',
    );
    const id = await courier.send('Which word was it?');

    process.kill(running.pid, 'SIGKILL');
    await waitFor(async () => (await stored(codex!))[0]?.running.kind === 'no', { what: 'nobody has it' });
    assert.equal((await codex.answer(waiting, 'Try Again'))?.ok, true);
    const job = await courier.ended(id, 40_000);
    assert.equal(job.status, 'completed', JSON.stringify(job));
    assert.equal(await courier.output(job), 'Pineapple.\n');
    assert.equal(codex.taken(id), 1);
    const [first, second, ...more] = codex.api.typed.at(-1)!;
    assert.deepEqual([first, more], [said.firstPrompt, []], 'the earlier turn is in the request');
    assert.match(second ?? '', new RegExp(`^Job ${id}:`));
    const session = await courier.session();
    assert.deepEqual([session?.conversation_id, session?.notice], [listed.id, undefined]);
    const [now, ...others] = await stored(codex);
    assert.deepEqual(others, []);
    assert.ok(now?.id === listed.id && isUnderTmux(now), JSON.stringify(now));
  });
});

const said = { title: 'Fruit talk', firstPrompt: 'Remember the word pineapple please.', inTerminal: true };

const isUnderTmux = ({ running }: StoredConversation) => running.kind === 'yes' && running.where === 'tmux';

/** Ends its background processes, which outlive its terminal, and removes the sockets that these leave in a folder of their own, whatever TMPDIR says. */
function endBackground(codex: CodexCourier): void {
  for (const line of codex.processes()) orNothing(() => process.kill(Number.parseInt(line, 10), 'SIGKILL'));
  for (const link of ['app-server-control/app-server-control.sock', 'app-server-daemon/daemon-updater.sock'])
    orNothing(() => {
      const socket = fs.readlinkSync(path.join(codex.home, '.codex', link));
      for (const file of [socket, `${socket}.lock`]) fs.rmSync(file, { force: true });
      // Fails while it holds another one's.
      fs.rmdirSync(path.dirname(socket));
    });
}

/** Does what fails where there is nothing to do any more. */
function orNothing(act: () => void): void {
  try {
    act();
  } catch {
    // Nothing to do.
  }
}
