/** The signals that end a command in order, and what it then exits with. */
const signals = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** Resolves with the exit code when a person or the system asks this process to end; a second signal ends it at once. */
export function onInterrupt(): Promise<number> {
  return new Promise((resolve) => {
    let asked = false;
    for (const [signal, code] of Object.entries(signals)) {
      process.on(signal, () => {
        if (asked) process.exit(code);
        asked = true;
        resolve(code);
      });
    }
  });
}
