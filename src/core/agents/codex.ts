import { createHash } from 'node:crypto';
import type { AgentSettings } from '../store/settings';
import type { Agent, Launch, LaunchContext } from './agent';
import { codexConversations, codexFolder } from './codexConversations';
import { readScreen } from './codexScreen';
import { readHookReceipt } from './hookReceipt';
import { findProgram, type Program } from './program';
import { hookCommand } from './receipts';

/**
 * Its hook events, with the name by which it keeps what is trusted, and the time limit in seconds that it gives such a hook.
 * SessionStart comes with the first prompt; an error of the API, Esc and a refused permission give no event (measured with 0.169.0).
 */
const events = [
  ['SessionStart', 'session_start', 600],
  ['UserPromptSubmit', 'user_prompt_submit', 600],
  ['PreToolUse', 'pre_tool_use', 600],
  ['PermissionRequest', 'permission_request', 600],
  ['Stop', 'stop', 600],
  ['SessionEnd', 'session_end', 1],
] as const;

/** Codex, measured with 0.169.0 (test/fixtures/screens/codex). Its approval policy and sandbox are those of the user's own config. */
export function codex(id: string, settings: AgentSettings): Agent {
  return {
    id,
    title: settings.title ?? 'Codex',
    receipts: true,
    startsSilently: true,
    canResume: true,
    quietMs: 15,
    enterTries: 3,
    submitKeys: ['Enter'],
    interruptKeys: ['Escape'],
    // Once takes the whole of our line away, over its rows.
    clearKeys: ['C-u'],
    install: 'npm install -g @openai/codex',
    program: () => findCodex(settings),
    launch: (context) => launch(context, settings),
    readScreen,
    conversations: (workspace, only) => codexConversations(workspace, codexFolder(settings), only),
    // Measured: exited-no-conversation.txt.
    hasForgotten: (words, id) => words.replace(/\s+/g, ' ').includes(`No saved session found with ID ${id}`),
    // A signal gives no SessionEnd; `/quit` and Ctrl-C give this one reason.
    readReceipt: (payload) => readHookReceipt(payload, ['other']),
  };
}

function findCodex(settings: AgentSettings): Promise<Program> {
  return findProgram(settings.command ?? 'codex', 'Codex', settings);
}

async function launch(context: LaunchContext, settings: AgentSettings): Promise<Launch> {
  const program = await findCodex(settings);
  // It makes the id of a new conversation itself, and its receipts say it.
  const { id, resume } = context.conversation;
  return {
    argv: [
      program.file,
      ...(resume ? ['resume', id] : []),
      // Else two processes of its own stay when it has ended (measured).
      '--no-daemon',
      ...hookFlags(),
      ...settings.args,
    ],
    env: { ...program.env, COURIER_RECEIPTS: context.launch.receipts, COURIER_HOOK: context.hookScript },
    files: [],
  };
}

/**
 * Our hooks for this launch alone, and with each what Codex keeps when a person has reviewed and trusted it. It runs no hook that
 * is not trusted, and its own way around that would let the folder's hooks run unseen, too. Where this is another hash than
 * Codex makes, it asks for a review, which is shown.
 */
function hookFlags(): string[] {
  const hooks = events.flatMap(([event, , timeout]) => [
    '-c',
    `hooks.${event}=[{hooks=[{type="command",command='${hookCommand}',timeout=${timeout}}]}]`,
  ]);
  const trusted = events.map(
    ([, name, timeout]) =>
      `"/<session-flags>/config.toml:${name}:0:0"={trusted_hash="sha256:${hashOf(name, timeout)}"}`,
  );
  return [...hooks, '-c', `hooks.state={${trusted.join(',')}}`];
}

/** Of a hook as Codex sees it: all that it has said, keys in their order (measured with 0.169.0). */
function hashOf(event_name: string, timeout: number): string {
  const hook = { async: false, command: hookCommand, timeout, type: 'command' };
  return createHash('sha256')
    .update(JSON.stringify({ event_name, hooks: [hook] }))
    .digest('hex');
}
