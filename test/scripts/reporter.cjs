// Mocha's spec reporter, which also writes the counts to the file TEST_RESULTS and ends a run that something keeps alive.
const fs = require('node:fs');
const { Spec } = require('mocha').reporters;

const patience = 10_000;

module.exports = class extends Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once('end', () => {
      if (process.env.TEST_RESULTS) fs.writeFileSync(process.env.TEST_RESULTS, JSON.stringify(runner.stats));
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
