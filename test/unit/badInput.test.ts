import { historyProperties } from '../support/properties/history';
import type { Property } from '../support/properties/property';
import { receiptProperties } from '../support/properties/receipts';
import { requestProperties } from '../support/properties/requests';
import { stateFileProperties } from '../support/properties/stateFiles';
import { userFileProperties } from '../support/properties/userFiles';

/** Few for each commit; `npm run test:faults` has many more (test/faults/badInput.test.ts). */
const runs = 20;
const groups: Record<string, Property[]> = {
  "a session's files": stateFileProperties,
  'a history': historyProperties,
  'files of which there is one': userFileProperties,
  'the inbox': requestProperties,
  'a folder of receipts': receiptProperties,
};

describe('whatever stands there', function () {
  this.timeout(600_000);
  for (const [what, properties] of Object.entries(groups))
    describe(`in ${what}`, () => {
      for (const { name, check } of properties) it(name, () => check(runs));
    });
});
