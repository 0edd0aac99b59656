/** All that the first picture of the view does without: a file of its own (esbuild.js), which is loaded when that is drawn. */
export { checkSetup } from '../core/setup/checks';
export { checkTmuxSetup } from '../core/setup/tmuxCheck';
export { forgetLoginShell } from '../core/support/loginShell';
export { registerCommands } from './commands';
export { createApi } from './createApi';
export { dropOn } from './dropOn';
export { FolderParts } from './folderParts';
export { registerIntegrations } from './integrations';
export { nodeTooltip } from './nodeTooltip';
export { showNotices } from './notices';
export { makeServices } from './services';
