// Stands in for the native @vscode/native-watchdog: ends this process when its parent is gone.
exports.start = (pid) =>
  setInterval(() => {
    try {
      process.kill(pid, 0);
    } catch {
      process.exit(87);
    }
  }, 3000).unref();
exports.exit = (code) => process.exit(code || 0);
