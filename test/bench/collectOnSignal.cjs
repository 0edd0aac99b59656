// Loaded into a process that is measured, with --expose-gc: V8 collects its garbage at SIGUSR2, and it is said when that is done.
process.on('SIGUSR2', () => {
  globalThis.gc();
  process.stdout.write('garbage collected\n');
});
