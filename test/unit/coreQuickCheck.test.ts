import assert from 'node:assert/strict';
import * as v from 'valibot';
import { Job } from '../../src/core/model/job';
import { Health, SessionMetadata } from '../../src/core/model/session';
import { Time } from '../../src/core/model/values';
import { QueueFile } from '../../src/core/store/queueFile';
import { fitsAsItStands } from '../../src/core/store/quickCheck';
import { makeJob, someTime } from '../support/coreFixtures';
import { badJson } from '../support/properties/badText';
import { holds } from '../support/properties/property';
import { stateFiles } from '../support/properties/seededFolder';

const ended = makeJob('j-1', {
  ...{ status: 'failed', reason: 'no_output', message: 'm', title: 't', started_at: someTime, finished_at: someTime },
  ...{ attempts: 1, prompt_mtime_ns: '1', launch_id: 'l-1', prompt_id: 'p', timeout_s: 9, requested_by: 'vscode' },
  ...{ source: { path: 'a.ts', start_line: 1, end_line: 2, dirty: true }, epoch: 3 },
});
const known: [string, v.GenericSchema, object][] = [
  ['metadata', SessionMetadata, stateFiles.metadata],
  ['health', Health, stateFiles.health],
  ['queue', QueueFile, stateFiles.queue],
  ['job', Job, ended],
];

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** The words of valibot's first objection, or that it returns another value; undefined when it returns the same. */
function objection(schema: v.GenericSchema, data: unknown): string | undefined {
  const result = v.safeParse(schema, data);
  if (!result.success) return result.issues[0].message;
  assert.deepEqual(result.output, data, 'valibot returns another value');
  return undefined;
}

describe('the quick check of a file', () => {
  for (const [name, schema, good] of known) {
    it(`takes a ${name} of ours, and of whatever else only what valibot takes as it stands`, async () => {
      assert.equal(fitsAsItStands(schema, good), true);
      assert.equal(fitsAsItStands(schema, { ...good, later: 'x' }), true);
      await holds(badJson(good), 400, async (bytes) => {
        const data = parsed(bytes);
        if (fitsAsItStands(schema, data)) assert.equal(objection(schema, data), undefined);
      });
    });
  }

  it('leaves to valibot what it fills in, drops, changes or does not know', () => {
    const left: [v.GenericSchema, string][] = [
      [v.looseObject({ a: v.optional(v.number(), 1) }), '{}'],
      [v.looseObject({ a: v.fallback(v.optional(v.number()), 1) }), '{}'],
      [v.looseObject({ a: v.fallback(v.number(), 1) }), '{"a":"x"}'],
      [v.looseObject({ a: v.nullable(v.number(), 1) }), '{"a":null}'],
      [v.object({ a: v.number() }), '{"a":1,"b":2}'],
      [v.looseObject({ a: v.pipe(v.string(), v.trim()) }), '{"a":" x "}'],
      [v.looseObject({ a: v.pipe(v.string(), v.maxLength(1)) }), '{"a":"xx"}'],
      [v.looseObject({ a: v.pipe(v.string(), v.regex(/x/g)) }), '{"a":"x"}'],
      [v.looseObject({ a: v.record(v.string(), v.number()) }), '{"a":{}}'],
      [v.looseObject({ a: v.number() }), '{"a":1,"later":{"b":1}}'],
      [v.looseObject({ a: v.number() }), '{"a":1,"__proto__":1}'],
      [v.looseObject({ a: v.number() }), '{"a":1,"constructor":1}'],
      [v.looseObject({}), '[]'],
      [v.looseObject({ constructor: v.optional(v.string()), toString: v.number() }), '{}'],
    ];
    for (const [schema, text] of left) assert.equal(fitsAsItStands(schema, JSON.parse(text)), false, text);
  });

  it('takes what fits one of several', () => {
    const schema = v.union([v.pipe(v.string(), v.regex(/^a/)), v.literal(1)]);
    assert.deepEqual(
      ['a', 'b', 1, 2].map((value) => fitsAsItStands(schema, value)),
      [true, false, true, false],
    );
  });

  it('asks all of a pipe', () => {
    const schema = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(3));
    assert.deepEqual(
      [0, 1, 1.5, 3, 4, '2'].map((value) => fitsAsItStands(schema, value)),
      [false, true, false, true, false, false],
    );
  });

  it('reads each time that toISOString can write as Date does', () => {
    for (const year of ['0000', '1970', '2023', '2024', '9999'])
      for (let month = 1; month <= 12; month++)
        for (let day = 1; day <= 31; day++)
          for (const between of ['T', ' ']) {
            const date = [year, ...[month, day].map((part) => String(part).padStart(2, '0'))].join('-');
            const text = `${date}${between}23:59:59.999Z`;
            assert.equal(v.is(Time, text), !Number.isNaN(Date.parse(text)), text);
          }
    assert.equal(v.is(Time, '2026-11-22T10:00:00+05'), false);
    assert.equal(v.is(Time, '2026-11-22T10:00:00.1 +05'), false);
  });
});
