import fc from 'fast-check';

/** A value where none or another is expected, as JSON text: also such as JSON.stringify never writes. */
const rawValues = [
  ...['null', 'true', '[]', '{}', '""', '" "', '0', '-0', '-1', '0.5', '1e308', '1e999', '-1e999', '9007199254740993'],
  ...['"\\ud800"', '"\\udc00\\ud800"', '"\\u0000"', '"a\\u0000b"', '"\\n"', '"\\u001b]0;x\\u0007"', '"../../outside"'],
  ...[
    '"/etc/passwd"',
    '"__proto__"',
    '"constructor"',
    '"toString"',
    '"2026-11-22T10:00:00+05"',
    '"0000-01-01T00:00:00Z"',
  ],
  ...['{"__proto__":{"polluted":true}}', '{"constructor":{"prototype":{"polluted":true}}}', '[null]', '[[]]', '[{}]'],
  ...['NaN', 'Infinity', 'undefined', "'x'", '01', '"\t"', '"\\x"', '{"a":1,}', '//'],
];

/** A text of so many levels. */
export const nested = (levels: number, open = '[', close = ']') => `${open.repeat(levels)}${close.repeat(levels)}`;

const rawValue = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...rawValues) },
  { weight: 2, arbitrary: fc.json() },
  { weight: 1, arbitrary: fc.constantFrom(100, 5000, 100_000).map((levels) => nested(levels)) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(100, 5000).map((levels) => `${nested(levels, '{"a":', '}').replace(':}', ':1}')}`),
  },
  { weight: 1, arbitrary: fc.constantFrom('x', '\u20ac', '\\n').map((part) => `"${part.repeat(300_000)}"`) },
);

type Path = readonly (string | number)[];

function pathsOf(value: unknown, at: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [at];
  return [
    at,
    ...Object.entries(value).flatMap(([key, one]) => pathsOf(one, [...at, Array.isArray(value) ? Number(key) : key])),
  ];
}

/** What is done to a value: at one path it is replaced, taken out, said twice, or gets a key that it should not have. */
interface Edit {
  path: Path;
  how: 'replace' | 'drop' | 'before' | 'after' | 'proto' | 'key';
  raw: string;
}

function printed(value: unknown, edit: Edit, at: Path = []): string {
  const here = at.length === edit.path.length && at.every((key, i) => key === edit.path[i]);
  if (here && edit.how === 'replace') return edit.raw;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((one, i) => printed(one, edit, [...at, i])).join(',')}]`;
  const entries = Object.entries(value).flatMap(([key, one]) => {
    const own = [...at, key];
    const entry = `${JSON.stringify(key)}:${printed(one, edit, own)}`;
    if (own.length !== edit.path.length || !own.every((part, i) => part === edit.path[i])) return [entry];
    const other = `${JSON.stringify(key)}:${edit.raw}`;
    if (edit.how === 'drop') return [];
    return edit.how === 'before' ? [other, entry] : edit.how === 'after' ? [entry, other] : [entry];
  });
  if (here && edit.how === 'proto') entries.push(`"__proto__":${edit.raw}`);
  if (here && edit.how === 'key') entries.push(`"later":${edit.raw}`);
  return `{${entries.join(',')}}`;
}

/** One change, or two, in the bytes of a file. */
function damaged(text: string): fc.Arbitrary<Buffer> {
  const size = Buffer.byteLength(text);
  const place = fc.nat(size);
  const change = fc.oneof(
    fc.record({ kind: fc.constant('flip' as const), at: place, bit: fc.nat(7) }),
    fc.record({ kind: fc.constant('cut' as const), at: place }),
    fc.record({ kind: fc.constant('remove' as const), at: place, count: fc.integer({ min: 1, max: 40 }) }),
    fc.record({ kind: fc.constant('zero' as const), at: place, count: fc.integer({ min: 1, max: 4096 }) }),
    fc.record({
      kind: fc.constant('insert' as const),
      at: place,
      bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }),
    }),
  );
  return fc.array(change, { minLength: 1, maxLength: 3 }).map((changes) => {
    let bytes: Buffer = Buffer.from(text);
    for (const one of changes) {
      const at = Math.min(one.at, bytes.length);
      if (one.kind === 'flip' && at < bytes.length) bytes[at] = bytes[at]! ^ (1 << one.bit);
      if (one.kind === 'zero') bytes.fill(0, at, Math.min(bytes.length, at + one.count));
      if (one.kind === 'cut') bytes = Buffer.from(bytes.subarray(0, at));
      if (one.kind === 'remove') bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + one.count)]);
      if (one.kind === 'insert') bytes = Buffer.concat([bytes.subarray(0, at), one.bytes, bytes.subarray(at)]);
    }
    return bytes;
  });
}

/** Versions of a later program. */
export const newerVersions = ['1.1', '2.0', '2.0.0', '3', '10.4'] as const;

/** A whole file of another kind or coding. */
function wholes(value: object, text: string): string[] {
  return [
    ...[
      '',
      ' ',
      '\n',
      'null',
      '[]',
      '{}',
      '7',
      '"x"',
      '{',
      text + text,
      `${text}\0`,
      `\0${text}`,
      `\uFEFF${text}`,
      `\uFEFF`,
    ],
    ...[
      '\0'.repeat(Buffer.byteLength(text)),
      text.replaceAll('\n', '\r\n'),
      nested(200_000),
      nested(200_000, '{"a":', '}'),
    ],
    ...newerVersions.map((version) => JSON.stringify({ ...value, version })),
    ...newerVersions.map((version) => JSON.stringify({ version, of: 'another shape' })),
    JSON.stringify({ ...value, version: 2 }),
    JSON.stringify({ ...value, version: '0.9' }),
  ];
}

/** What may stand in the place of a JSON file that held this value: whatever a crash, a disk, an editor, a later version or somebody of ill will leaves. */
export function badJson(value: object): fc.Arbitrary<Buffer> {
  const text = `${JSON.stringify(value, null, 2)}\n`;
  const edit = fc.record({
    path: fc.constantFrom(...pathsOf(value)),
    how: fc.constantFrom('replace', 'replace', 'replace', 'drop', 'before', 'after', 'proto', 'key') as fc.Arbitrary<
      Edit['how']
    >,
    raw: rawValue,
  });
  const coded = fc.constantFrom(
    Buffer.from(`\uFEFF${text}`, 'utf16le'),
    Buffer.from(text, 'utf16le'),
    Buffer.from([0xff, 0xfe]),
  );
  return fc.oneof(
    { weight: 8, arbitrary: edit.map((one) => Buffer.from(printed(value, one))) },
    { weight: 4, arbitrary: damaged(text) },
    { weight: 2, arbitrary: fc.constantFrom(...wholes(value, text)).map((whole) => Buffer.from(whole)) },
    { weight: 1, arbitrary: coded },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)) },
  );
}
