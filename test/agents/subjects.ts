import * as path from 'node:path';
import type { AgentCourier } from '../support/agentCourier';
import { claudeCode, installClaude } from '../support/claudeCode';
import { ClaudeCourier } from '../support/claudeCourier';
import { CodexCourier, codexCli } from '../support/codexCourier';
import { GeminiCourier, geminiCli } from '../support/geminiCourier';
import { installCli, versionOf } from '../support/installCli';
import { type Script, tool } from '../support/messagesTurns';
import { OpencodeCourier, opencodeCli } from '../support/opencodeCourier';

/** What one behaviour wants of the agent that it is shown with. */
export interface Wanted {
  script: Script;
  trusted?: boolean;
  loggedIn?: boolean;
  /** The program that is started in the CLI's place, and its environment. */
  program?: { command: string; env: Record<string, string> };
}

/** A real CLI that the behaviours are shown with. */
export interface Subject {
  title: string;
  version: string;
  install(): string;
  create(wanted: Wanted): Promise<AgentCourier>;
  /** The label of the trust dialog's choice that goes on, where it has one. */
  trust?: string;
  /** Behaviours that can't be shown with it, by the first word of their name, and why. */
  without?: Record<string, string>;
  /** A tool's step for which the CLI asks permission; it makes this file. */
  asksFor(file: string): ReturnType<typeof tool>;
  /** What its screen shows while Esc ends its turn. */
  atWork: RegExp;
  /** Where one Esc is not enough: how many are, and what its screen says of each but the last. */
  escapes?: { most: number; says: string };
  /** What a person types to leave. */
  leave: string;
  /** The ends of turns that it gives no receipt of, so that they are inferred. */
  infers: readonly ('error' | 'escape' | 'denial')[];
}

/** Stands between tmux and a CLI, and loses the first Enter. */
export const swallowsEnter = path.resolve('test/fixtures/swallowsEnter.cjs');

export const subjects: Subject[] = [
  {
    title: 'Claude Code',
    version: versionOf(claudeCode),
    install: installClaude,
    create: ({ program, loggedIn = true, ...wanted }) =>
      ClaudeCourier.create({ ...wanted, agent: program, home: loggedIn ? {} : { key: null } }),
    trust: 'Yes, I trust',
    asksFor: (file) => tool('Bash', { command: `touch ${file}`, description: 'Make a file' }),
    atWork: /esc to interrupt/,
    leave: '/exit',
    infers: ['escape'],
  },
  {
    title: 'Codex',
    version: versionOf(codexCli),
    install: () => installCli(codexCli),
    create: ({ program, ...wanted }) => CodexCourier.create({ ...wanted, agent: program }),
    trust: 'Trust',
    asksFor: (file) =>
      tool('exec', { cmd: `touch ${file}`, sandbox_permissions: 'require_escalated', justification: 'Make a file?' }),
    atWork: /esc to interrupt/,
    leave: '/quit',
    infers: ['error', 'escape', 'denial'],
  },
  {
    title: 'Gemini CLI',
    version: versionOf(geminiCli),
    install: () => installCli(geminiCli),
    create: ({ program, ...wanted }) => GeminiCourier.create({ ...wanted, agent: program }),
    trust: 'Trust folder',
    asksFor: (file) => tool('run_shell_command', { command: `touch ${file}`, description: 'Make a file' }),
    atWork: /esc to cancel/,
    escapes: { most: 3, says: 'Request cancelled.' },
    leave: '/quit',
    infers: ['error', 'escape', 'denial'],
  },
  {
    title: 'OpenCode',
    version: versionOf(opencodeCli),
    install: () => installCli(opencodeCli),
    create: ({ script, loggedIn, program }) => OpencodeCourier.create({ script, loggedIn, agent: program }),
    without: { trust: 'it asks no such question' },
    // It asks before a command leaves the folder.
    asksFor: (file) => tool('bash', { command: `touch ${file}`, description: 'Make a file' }),
    atWork: /esc (again to )?interrupt/,
    escapes: { most: 2, says: 'esc again to interrupt' },
    leave: '/exit',
    infers: [],
  },
];
