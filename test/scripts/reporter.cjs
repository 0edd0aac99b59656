// Mocha's spec reporter, which also writes the counts, and of what failed the tests' names and files, to the file TEST_RESULTS and ends a run that something keeps alive.
const fs = require('node:fs');
const { Spec } = require('mocha').reporters;

const patience = 10_000;

/** A failed test in one line: its name and how its error begins, so that the last lines of a run say what to look at. */
const inOneLine = (test) => `${test.fullTitle()}: ${String(test.err?.message).replace(/\s+/g, ' ').slice(0, 300)}`;

module.exports = class extends Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once('end', () => {
      const files = [...new Set(this.failures.flatMap((test) => test.file ?? test.parent?.file ?? []))];
      const results = { ...runner.stats, failed: this.failures.map(inOneLine), files };
      if (process.env.TEST_RESULTS) fs.writeFileSync(process.env.TEST_RESULTS, JSON.stringify(results));
      const stuck = () => {
        console.error(
          `The tests ended, their process did not. Still open: ${process.getActiveResourcesInfo().join(', ')}`,
        );
        process.exit(1);
      };
      setTimeout(stuck, patience).unref();
    });
  }
};
