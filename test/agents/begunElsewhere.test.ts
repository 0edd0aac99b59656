import assert from 'node:assert/strict';
import type { Agent } from '../../src/core/agents/agent';
import { createAgent } from '../../src/core/agents/registry';
import { writeSettings } from '../../src/core/store/settings';
import type { AgentCourier } from '../support/agentCourier';
import { GeminiCourier, geminiCli, geminiEnv } from '../support/geminiCourier';
import { goOn } from '../support/goOn';
import { type Cli, installCli } from '../support/installCli';
import { answer, byMarker, type Script, say } from '../support/messagesTurns';
import { OpencodeCourier, opencodeCli, opencodeEnv } from '../support/opencodeCourier';
import { TmuxServer } from '../support/tmuxServer';
import { waitFor } from '../support/waitFor';

interface Subject {
  title: string;
  cli: Cli;
  create(script: Script): Promise<AgentCourier>;
  env(agent: AgentCourier): Record<string, string>;
  /** Its input row, when it takes a line. */
  ready: RegExp;
  /** What a person types to leave. */
  leave: string;
  /** What is known of where it was begun, and by which title the CLI calls it. */
  known: { title?: string; inTerminal?: boolean };
}

const subjects: Subject[] = [
  {
    title: 'Gemini CLI',
    cli: geminiCli,
    create: (script) => GeminiCourier.create({ script }),
    env: ({ home, api }) => geminiEnv(home, api.url),
    ready: /^\s*[>*]\s+Type your message or @path/m,
    leave: '/quit',
    known: { inTerminal: true },
  },
  {
    title: 'OpenCode',
    cli: opencodeCli,
    create: (script) => OpencodeCourier.create({ script }),
    env: ({ home }) => opencodeEnv(home),
    ready: /ctrl\+p commands/,
    leave: '/exit',
    known: { title: 'A test' },
  },
];

const line = 'Remember the word pineapple please.';
const script = byMarker(
  {
    pineapple: async function* () {
      yield say('I will.');
    },
  },
  answer('Pineapple.\n'),
);

for (const { title, cli, create, env, ready, leave, known } of subjects)
  describe(`${title}: a conversation that a person began in a tmux of their own`, function () {
    this.timeout(180_000);
    let own: TmuxServer | undefined;
    let agent: AgentCourier | undefined;
    before(function () {
      this.timeout(600_000);
      installCli(cli);
    });
    afterEach(async () => {
      // Two processes of Gemini CLI can stay when their terminal goes.
      for (const row of agent?.processes() ?? []) endNow(Number.parseInt(row, 10));
      await own?.stop();
      await agent?.stop();
      own = agent = undefined;
    });

    it('is listed with what is said there, is asked about while it may be open, and goes on in a session that remembers it', async () => {
      agent = await create(script);
      const { courier, api } = agent;
      const profile: Agent = createAgent(courier.settings.default_agent, courier.settings, { node: '', script: '' });
      const stored = () => profile.conversations!(courier.workspace);
      assert.deepEqual(await stored(), []);

      own = await TmuxServer.create();
      const pane = await own.start([installCli(cli)], { cwd: courier.workspace, env: env(agent) });
      await pane.waitForScreen(ready, 60_000);
      await pane.type(line);
      await pane.waitForScreen(new RegExp(line));
      await pane.press('Enter');
      await pane.waitForScreen(/I will\./, 30_000);
      const [listed, ...others] = await waitFor(
        async () => {
          const found = await stored();
          return found.length > 0 && (known.title === undefined || found[0]!.title === known.title) ? found : undefined;
        },
        { what: async () => `one conversation: ${JSON.stringify(await stored())}`, timeout: 30_000 },
      );
      assert.deepEqual(others, []);
      const { id, updatedAt, ...rest } = listed!;
      assert.deepEqual(rest, { ...known, firstPrompt: line, running: { kind: 'unknown' } });
      assert.ok(Math.abs(Date.now() - updatedAt) < 120_000, String(updatedAt));

      await courier.runner();
      await writeSettings(courier.user, courier.settings);
      await assert.rejects(goOn(courier, id), /It is not known whether it still runs elsewhere.* --yes/s);
      await pane.type(leave);
      // An Enter that comes at once is taken for a part of what was typed.
      await pane.waitForScreen(new RegExp(`^.*${leave}`, 'm'));
      await pane.press('Enter');
      await waitFor(() => agent!.processes().length === 0, { what: 'its end', timeout: 30_000 });
      assert.deepEqual((await stored())[0]?.running, { kind: 'no' });

      assert.match(await goOn(courier, id), /"session_id": "main",\s+"state": "ready"/);
      const sent = await courier.send('Which word was it?');
      const job = await courier.ended(sent, 60_000);
      assert.equal(job.status, 'completed', JSON.stringify(job));
      assert.equal(await courier.output(job), 'Pineapple.\n');
      assert.equal(agent.taken(sent), 1);
      const turn = api.turns.at(-1)!;
      assert.deepEqual([turn.conversation, turn.jobId], [line, sent], 'the earlier turn is in the request');
      const session = await courier.session();
      assert.deepEqual([session?.conversation_id, session?.notice], [id, undefined]);
      const [now, ...more] = await stored();
      assert.deepEqual([now?.id, more], [id, []]);
      assert.ok(now?.running.kind === 'yes' && now.running.where === 'tmux', JSON.stringify(now));
      assert.equal(now.running.pid, await agent.pid());
    });
  });

function endNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
