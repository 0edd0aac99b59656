/** Every name that package.json and the code share: one table, which a unit test holds against package.json. */

/** The activity-bar container and its one view. */
export const viewContainer = 'courier';
export const sessionsView = 'courier.sessions';

/** This extension, as VS Code knows it, and its walkthrough within it. */
export const extensionId = 'tmux-courier.tmux-courier';
export const walkthroughId = 'courier.start';

/** The tools that the editor's own chat may use. */
export const toolNames = { send: 'courier_send', status: 'courier_status', result: 'courier_result' } as const;

/** The type of our tasks in tasks.json. */
export const taskType = 'courier';

/** Commands by what they do. `item` commands need a tree item and are hidden from the palette. */
export const commands = {
  send: 'courier.send',
  sendWithInstruction: 'courier.sendWithInstruction',
  sendToSeveral: 'courier.sendToSeveral',
  newSession: 'courier.newSession',
  continueConversation: 'courier.continueConversation',
  tryDemo: 'courier.tryDemo',
  tryAgent: 'courier.tryAgent',
  editAgent: 'courier.editAgent',
  attach: 'courier.attach',
  stopSession: 'courier.stopSession',
  recoverSession: 'courier.recoverSession',
  deleteSession: 'courier.deleteSession',
  renameSession: 'courier.renameSession',
  restoreSession: 'courier.restoreSession',
  purgeSession: 'courier.purgeSession',
  killUnmanaged: 'courier.killUnmanaged',
  cleanUp: 'courier.cleanUp',
  adopt: 'courier.adopt',
  cancelJob: 'courier.cancelJob',
  resumeJob: 'courier.resumeJob',
  retryJob: 'courier.retryJob',
  openOutput: 'courier.openOutput',
  showLog: 'courier.showLog',
  collectDiagnostics: 'courier.collectDiagnostics',
  startMonitor: 'courier.startMonitor',
  stopMonitor: 'courier.stopMonitor',
  restartMonitor: 'courier.restartMonitor',
  checkSetup: 'courier.checkSetup',
  explainSetup: 'courier.explainSetup',
  fixSetup: 'courier.fixSetup',
  openPrompt: 'courier.openPrompt',
  openSessionLog: 'courier.openSessionLog',
  answer: 'courier.answer',
  sendWithTemplate: 'courier.sendWithTemplate',
  newTemplate: 'courier.newTemplate',
  sendProblem: 'courier.sendProblem',
  sendStagedChanges: 'courier.sendStagedChanges',
  writePrompt: 'courier.writePrompt',
  sendPrompt: 'courier.sendPrompt',
  openItem: 'courier.openItem',
  showMore: 'courier.showMore',
  filterJobs: 'courier.filterJobs',
  clearFilter: 'courier.clearFilter',
  markAllSeen: 'courier.markAllSeen',
  editPrompt: 'courier.editPrompt',
  moveJobUp: 'courier.moveJobUp',
  moveJobDown: 'courier.moveJobDown',
  moveJob: 'courier.moveJob',
  followUp: 'courier.followUp',
  pauseJob: 'courier.pauseJob',
  pauseSession: 'courier.pauseSession',
  resumeSession: 'courier.resumeSession',
  pauseAll: 'courier.pauseAll',
  resumeAll: 'courier.resumeAll',
  togglePause: 'courier.togglePause',
  openJob: 'courier.openJob',
  compareAnswers: 'courier.compareAnswers',
  compareGroup: 'courier.compareGroup',
  cancelGroup: 'courier.cancelGroup',
  pickAnswer: 'courier.pickAnswer',
  insertAnswer: 'courier.insertAnswer',
  replaceWithAnswer: 'courier.replaceWithAnswer',
  sendToAnother: 'courier.sendToAnother',
  copyAnswerPath: 'courier.copyAnswerPath',
  showScreen: 'courier.showScreen',
  showMenu: 'courier.showMenu',
  waitForJob: 'courier.waitForJob',
  openSettings: 'courier.openSettings',
  getStarted: 'courier.getStarted',
} as const;
export type CommandId = (typeof commands)[keyof typeof commands];

/** The commands that only make sense on a tree item, or from a button of ours. */
export const itemCommands: readonly CommandId[] = [
  commands.openPrompt,
  commands.openSessionLog,
  commands.answer,
  commands.killUnmanaged,
  commands.explainSetup,
  commands.fixSetup,
  commands.openItem,
  commands.showMore,
  commands.togglePause,
  commands.compareGroup,
  commands.cancelGroup,
  commands.pickAnswer,
];

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
  /** The prompts that are open in an editor and were not sent yet, by their paths. */
  'courier.drafts': string[];
  /** The view shows only some of the jobs. */
  'courier.filtered': boolean;
  /** A session is paused. */
  'courier.hasPaused': boolean;
  /** A session with the Demo agent is alive. */
  'courier.hasDemo': boolean;
  /** A session with any other agent is alive. */
  'courier.hasAgent': boolean;
  /** A job has come to its answer. */
  'courier.hasAnswer': boolean;
  /** A session is alive that was there when this window opened. */
  'courier.cameBack': boolean;
}
export const contextKeys = [
  'courier.hasFolder',
  'courier.ready',
  'courier.hasSession',
  'courier.hasForeign',
  'courier.tmuxMissing',
  'courier.needsWsl',
  'courier.drafts',
  'courier.filtered',
  'courier.hasPaused',
  'courier.hasDemo',
  'courier.hasAgent',
  'courier.hasAnswer',
  'courier.cameBack',
] as const satisfies readonly (keyof ContextValues)[];

/** Where a job's answer is shown when it is finished. */
export const openOutputChoices = ['beside', 'preview', 'notify', 'never'] as const;
export type OpenOutput = (typeof openOutputChoices)[number];

/** What is told in notifications: all, only what needs a person (a question, a failure), or nothing. */
export const notifyChoices = ['all', 'important', 'none'] as const;
export type Notify = (typeof notifyChoices)[number];

/**
 * Settings by name, without `courier.`. `key` is their name in config.json; `machine` ones are the user's alone,
 * since they name executables, arguments, environment or permission modes, or must be the same for the command line.
 */
export const settings = {
  directory: { scope: 'machine', key: 'directory' },
  monitor: { scope: 'machine', key: 'monitor' },
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
  keepDays: { scope: 'machine', key: 'keep_days' },
  logPane: { scope: 'machine', key: 'log_pane' },
  autoRecover: { scope: 'window', key: 'auto_recover' },
  openOutput: { scope: 'window', key: undefined },
  notify: { scope: 'window', key: undefined },
} as const;
export type SettingName = keyof typeof settings;
