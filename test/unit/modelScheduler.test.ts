import { schedulerProperties } from '../support/properties/scheduler';

describe('against a model', function () {
  this.timeout(600_000);
  for (const { name, check } of schedulerProperties) it(name, () => check(20));
});
