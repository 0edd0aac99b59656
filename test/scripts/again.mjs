// A second try for the files of a phase in which a test failed, alone on the machine. It is .ci/run's: on a shared machine of two
// cores one among 1,400 tests over terminals and browsers may meet a stall. What passes only then is named, and is to be mended.
import { phases, runPhase } from './phases.mjs';

/** The phase with these files alone; one whose results name no files is run whole. */
function withFiles(phase, files) {
  if (files.length === 0) return phase;
  if (phase.args[0].endsWith('.mjs')) return { ...phase, args: [phase.args[0], ...files] };
  return { ...phase, args: [...phase.args.slice(0, -1), ...files] };
}

/**
 * Runs what failed once more. Returns the result to count in its place, with `unsteady`, the tests that passed only now. What a
 * phase did wrong besides its tests, such as a process that it left behind, has no second try.
 */
export async function tryAgain(first) {
  if (first.failed === 0 || first.besides > 0) return first;
  console.log(`\n${first.name}: once more, alone, what failed`);
  const second = await runPhase(first.name, true, withFiles(phases[first.name], first.files));
  if (second.failed > 0) {
    const names = [...first.names, ...second.names.map((one) => `again: ${one}`)];
    return { ...first, names, line: `${first.line}; and again: ${second.line}` };
  }
  const line = `${first.line}; at the second try, alone: 0 failed`;
  return { ...first, passed: first.passed + first.failed, failed: 0, names: [], line, unsteady: first.names };
}
