import * as path from 'node:path';
import * as v from 'valibot';
import type { AgentSettings } from '../store/settings';
import { CourierError } from '../support/errors';
import type { Agent, Launch, LaunchContext } from './agent';
import { readHookReceipt } from './hookReceipt';
import { opencodeConversations } from './opencodeConversations';
import { opencodePlugin } from './opencodePlugin';
import { readScreen } from './opencodeScreen';
import { findProgram, type Program } from './program';

/** OpenCode, measured with 1.18.33 (test/fixtures/screens/opencode). Its permissions, models and plugins are the user's own. */
export function opencode(id: string, settings: AgentSettings): Agent {
  return {
    id,
    title: settings.title ?? 'OpenCode',
    receipts: true,
    endsSilently: true,
    canResume: true,
    quietMs: 15,
    enterTries: 3,
    submitKeys: ['Enter'],
    // It wants a second one, which is pressed when the screen asks for it.
    interruptKeys: ['Escape'],
    clearKeys: ['C-u'],
    install: 'npm install -g opencode-ai',
    program: () => findOpencode(settings),
    // What its own server takes for an answer.
    decisions: { 'allow-once': 'once', deny: 'reject' },
    launch: (context) => launch(context, settings),
    readScreen,
    conversations: (workspace, only) => opencodeConversations(workspace, settings, () => findOpencode(settings), only),
    // It ends with status 1, and says nothing (measured): so would it for other reasons.
    hasForgotten: () => false,
    readReceipt: readHookReceipt,
  };
}

function findOpencode(settings: AgentSettings): Promise<Program> {
  return findProgram(settings.command ?? 'opencode', 'OpenCode', settings);
}

async function launch(context: LaunchContext, settings: AgentSettings): Promise<Launch> {
  const program = await findOpencode(settings);
  const plugin = path.join(context.launch.dir, 'opencode-plugin.js');
  const { id, resume } = context.conversation;
  return {
    argv: [program.file, ...(resume ? ['--session', id] : []), ...settings.args],
    env: {
      ...program.env,
      COURIER_RECEIPTS: context.launch.receipts,
      COURIER_DECISIONS: context.launch.decisions,
      OPENCODE_CONFIG_CONTENT: withPlugin({ ...process.env, ...settings.env }.OPENCODE_CONFIG_CONTENT, plugin),
    },
    files: [{ path: plugin, text: opencodePlugin }],
  };
}

const Config = v.looseObject({ plugin: v.optional(v.array(v.unknown()), []) });

/** The configuration for one launch: the user's own, where the environment has one, and our plugin. Those of the files come to it. */
function withPlugin(own: string | undefined, plugin: string): string {
  let config: v.InferOutput<typeof Config>;
  try {
    config = v.parse(Config, own ? JSON.parse(own) : {});
  } catch (error) {
    throw new CourierError(
      'start_failed',
      'OpenCode was not started: OPENCODE_CONFIG_CONTENT in its environment is no configuration. Mend it, or take it out of the env of courier.agents.',
      { cause: error },
    );
  }
  return JSON.stringify({ ...config, plugin: [...config.plugin, new URL(`file://${plugin}`).href] });
}
