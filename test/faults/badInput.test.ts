import { historyProperties } from '../support/properties/history';
import type { Property } from '../support/properties/property';
import { receiptProperties } from '../support/properties/receipts';
import { requestProperties } from '../support/properties/requests';
import { schedulerProperties } from '../support/properties/scheduler';
import { stateFileProperties } from '../support/properties/stateFiles';
import { userFileProperties } from '../support/properties/userFiles';
import { isShort } from './fault';
import { addRow } from './row';

/** Each property of the unit tests with more runs; how many, in the full run and in the short one. */
const groups: [fault: string, properties: Property[], full: number, short: number][] = [
  ["bad bytes in a session's files", stateFileProperties, 400, 15],
  ['bad bytes in files of which there is one', userFileProperties, 200, 10],
  ['bad bytes in the history', historyProperties, 400, 15],
  ['bad bytes as request or answer', requestProperties, 400, 15],
  ['bad bytes as hook payload', receiptProperties, 400, 15],
  ['any course of requests, against a model of the scheduler', schedulerProperties, 150, 5],
];

describe('bad input', function () {
  this.timeout(600_000);
  for (const [fault, properties, full, short] of groups)
    it(fault, async () => {
      const runs = isShort ? short : full;
      const begun = performance.now();
      const problems: string[] = [];
      let tried = 0;
      for (const { name, check } of properties) {
        await check(runs, () => tried++).catch((error) => problems.push(`${name}: ${error.stack ?? error}`));
      }
      const wrong = problems.length;
      const seconds = (performance.now() - begun) / 1000;
      addRow({ fault, tried, survived: tried - wrong, lost: 0, doubled: 0, wrong, seconds });
      if (wrong > 0) throw new Error(problems.join('\n'));
    });
});
