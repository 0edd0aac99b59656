import * as path from 'node:path';
import type { AgentSettings } from '../store/settings';
import type { Agent, Launch, LaunchContext } from './agent';
import { geminiConversations } from './geminiConversations';
import { geminiSettings, linkHome, ownHome } from './geminiHome';
import { readReceipt } from './geminiReceipt';
import { readScreen } from './geminiScreen';
import { findProgram, type Program } from './program';

/** Gemini CLI, measured with 0.61.0 (test/fixtures/screens/gemini). */
export function gemini(id: string, settings: AgentSettings): Agent {
  return {
    id,
    title: settings.title ?? 'Gemini CLI',
    receipts: true,
    endsAlike: true,
    canResume: true,
    quietMs: 250,
    enterTries: 3,
    submitKeys: ['Enter'],
    interruptKeys: ['Escape'],
    // Once takes the whole of our line away, over its rows.
    clearKeys: ['C-u'],
    restartStatus: 199,
    install: 'npm install -g @google/gemini-cli',
    program: () => findGemini(settings),
    launch: (context) => launch(context, settings),
    readScreen,
    conversations: (workspace, only) =>
      geminiConversations(workspace, ownHome(settings).gemini, (args) => isGemini(args, settings), only),
    // Measured: exited-no-conversation.txt.
    hasForgotten: (words, id) => words.replace(/\s+/g, ' ').includes(`Invalid session identifier "${id}"`),
    readReceipt,
  };
}

function findGemini(settings: AgentSettings): Promise<Program> {
  return findProgram(settings.command ?? 'gemini', 'Gemini CLI', settings);
}

/** Whether a process may be one of its, by the program or the script that it runs; others, such as a tmux server, only name that. */
export function isGemini([program = '', ...args]: readonly string[], { command = 'gemini' }: AgentSettings): boolean {
  const script = args.find((arg) => !arg.startsWith('-')) ?? '';
  const names = ['gemini', 'gemini.js', path.basename(command)];
  return [program, script].some((file) => names.includes(path.basename(file)) || file.includes('/gemini-cli/'));
}

async function launch(context: LaunchContext, settings: AgentSettings): Promise<Launch> {
  const program = await findGemini(settings);
  const own = ownHome(settings);
  const home = await linkHome(own, context.launch.dir);
  const { id, resume } = context.conversation;
  const asks = settings.args.some((arg) => /^(-y|--yolo|--approval-mode\b)/.test(arg));
  return {
    argv: [
      program.file,
      ...(asks ? [] : ['--approval-mode', 'auto_edit']),
      resume ? '--resume' : '--session-id',
      id,
      ...settings.args,
    ],
    env: {
      ...program.env,
      GEMINI_CLI_HOME: home.dir,
      GEMINI_CLI_TRUSTED_FOLDERS_PATH: own.trustedFolders,
      // Else it is two processes, of which the one that tmux doesn't know can stay when the terminal goes (measured).
      GEMINI_CLI_NO_RELAUNCH: '1',
      COURIER_RECEIPTS: context.launch.receipts,
      COURIER_HOOK: context.hookScript,
    },
    files: geminiSettings(own, home, context),
  };
}
