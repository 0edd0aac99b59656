/** Every name that package.json and the code share: one table, which a unit test holds against package.json. */

/** The activity-bar container and its one view. */
export const viewContainer = 'courier';
export const sessionsView = 'courier.sessions';

/** Commands by what they do. `item` commands need a tree item and are hidden from the palette. */
export const commands = {
  send: 'courier.send',
  sendWithInstruction: 'courier.sendWithInstruction',
  newSession: 'courier.newSession',
  tryDemo: 'courier.tryDemo',
  attach: 'courier.attach',
  stopSession: 'courier.stopSession',
  deleteSession: 'courier.deleteSession',
  adopt: 'courier.adopt',
  cancelJob: 'courier.cancelJob',
  resumeJob: 'courier.resumeJob',
  retryJob: 'courier.retryJob',
  openOutput: 'courier.openOutput',
  showLog: 'courier.showLog',
  checkTmux: 'courier.checkTmux',
  openPrompt: 'courier.openPrompt',
  openSessionLog: 'courier.openSessionLog',
  answer: 'courier.answer',
} as const;
export type CommandId = (typeof commands)[keyof typeof commands];

/** The commands that only make sense on a tree item, or from a button of ours. */
export const itemCommands: readonly CommandId[] = [commands.openPrompt, commands.openSessionLog, commands.answer];

/** Context keys of ours that `when` clauses may name, with the type of their value. */
export interface ContextValues {
  /** A folder on this machine is open. */
  'courier.hasFolder': boolean;
  /** What there is has been looked at once; before that no welcome is shown. */
  'courier.ready': boolean;
  'courier.hasSession': boolean;
  'courier.hasForeign': boolean;
  /** tmux is not installed, or older than 3.2. */
  'courier.tmuxMissing': boolean;
  /** Native Windows, where there is no tmux. */
  'courier.needsWsl': boolean;
}
export const contextKeys = [
  'courier.hasFolder',
  'courier.ready',
  'courier.hasSession',
  'courier.hasForeign',
  'courier.tmuxMissing',
  'courier.needsWsl',
] as const satisfies readonly (keyof ContextValues)[];

/** Where a job's answer is shown when it is finished. */
export const openOutputChoices = ['beside', 'preview', 'notify', 'never'] as const;
export type OpenOutput = (typeof openOutputChoices)[number];

/**
 * Settings by name, without `courier.`. `key` is their name in config.json; `machine` ones are the user's alone,
 * since they name executables, arguments, environment or permission modes, or must be the same for the command line.
 */
export const settings = {
  directory: { scope: 'machine', key: 'directory' },
  tmuxPath: { scope: 'machine', key: 'tmux_path' },
  tmuxPrefix: { scope: 'machine', key: 'tmux_prefix' },
  defaultAgent: { scope: 'machine', key: 'default_agent' },
  agents: { scope: 'machine', key: 'agents' },
  maxConcurrentJobs: { scope: 'window', key: 'max_concurrent_jobs' },
  jobTimeout: { scope: 'window', key: 'job_timeout_s' },
  jobTotalTimeout: { scope: 'window', key: 'job_total_timeout_s' },
  startTimeout: { scope: 'window', key: 'start_timeout_s' },
  acceptTimeout: { scope: 'window', key: 'accept_timeout_s' },
  scanInterval: { scope: 'window', key: 'scan_interval_s' },
  usePolling: { scope: 'window', key: 'use_polling' },
  openOutput: { scope: 'window', key: undefined },
} as const;
export type SettingName = keyof typeof settings;
