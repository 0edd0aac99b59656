import { spawnSync } from 'node:child_process';

/** What a Node process that does nothing took, in milliseconds, on the machine that times in tests and goals were set on. */
export const nodeThere = 72;

/** How many times slower than that one this machine is at this moment, by the quickest of three; 1 for one that is faster. */
export function slownessNow(): number {
  const took = [0, 1, 2].map(() => {
    const from = performance.now();
    spawnSync(process.execPath, ['-e', '']);
    return performance.now() - from;
  });
  return Math.max(1, Math.min(...took) / nodeThere);
}
