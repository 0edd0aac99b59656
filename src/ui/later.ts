/** What the view does without until its files have been looked at: a bundle of its own (esbuild.js), which is loaded after that. */
export { checkSetup } from '../core/setup/checks';
export { checkTmuxSetup } from '../core/setup/tmuxCheck';
export { forgetLoginShell } from '../core/support/loginShell';
export { registerCommands } from './commands';
export { createApi } from './createApi';
export { dropOn } from './dropOn';
export { registerIntegrations } from './integrations';
export { nodeTooltip } from './nodeTooltip';
export { showNotices } from './notices';
export { makeServices } from './services';
