// Environments for child processes: what an outer npm, VS Code or tmux left in ours must not reach them.

const npmNames = /^npm_(config_|package_|lifecycle_)|^(INIT_CWD|NODE)$/i;
const hostNames = /^(VSCODE_(?!TEST_)|ELECTRON_|NODE_OPTIONS$|NODE_V8_COVERAGE$|TMUX$|TMUX_PANE$)/;

/** The environment without what an outer "npm run" put there (its own config would steer an inner npm). */
export function withoutNpm(env) {
  const kept = Object.entries(env).filter(([name]) => !npmNames.test(name));
  return { ...Object.fromEntries(kept), npm_config_update_notifier: 'false' };
}

/** The environment for a VS Code server: nothing of an outer npm, VS Code or tmux; no marketplace look-ups. */
export function serverEnv(env, extra = {}) {
  const kept = Object.entries(env).filter(
    ([name]) => ![/^npm_/i, npmNames, hostNames].some((names) => names.test(name)),
  );
  return { ...Object.fromEntries(kept), EXTENSIONS_GALLERY: '{"serviceUrl":""}', ...extra };
}
