import * as v from 'valibot';

/** An ISO 8601 time that Date can read, which is less than all that the standard allows (an offset of hours alone). */
export const Time = v.pipe(
  v.string(),
  v.isoTimestamp(),
  // Of 24 characters it is as toISOString writes it, which Date always reads; to try takes longer than all else of it.
  v.check(
    (text) => (text.length === 24 && text.endsWith('Z')) || !Number.isNaN(Date.parse(text)),
    'is no time that can be read',
  ),
);

/** A number of times, or an epoch. JSON can say 1e999, which would be written back as null. */
export const Count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
