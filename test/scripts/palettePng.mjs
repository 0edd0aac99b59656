// Makes a screenshot small: of all its colours, the 64 that matter. Node's own zlib is all that it needs.
import assert from 'node:assert/strict';
import zlib from 'node:zlib';

/** The package has to stay small, and of the letters' smoothed edges few shades are missed. */
const most = 64;

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** The parts of a PNG, by name and in their order. */
function* chunksOf(png) {
  assert.ok(png.subarray(0, 8).equals(signature), 'a PNG');
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    yield { name: png.toString('latin1', at + 4, at + 8), data: png.subarray(at + 8, at + 8 + length) };
    at += length + 12;
  }
}

function chunk(name, data) {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(zlib.crc32(body));
  return Buffer.concat([length, body, sum]);
}

/** What a PNG's filter guesses from the bytes to the left, above, and above that one. */
const guesses = [
  () => 0,
  (left) => left,
  (_, up) => up,
  (left, up) => (left + up) >> 1,
  (left, up, corner) => {
    const [l, u, c] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)];
    return l <= u && l <= c ? left : u <= c ? up : corner;
  },
];

/** Width, height and colours (one number each, 0xRRGGBB) of what a browser makes as a screenshot. */
function read(png) {
  const chunks = [...chunksOf(png)];
  const head = chunks[0].data;
  const [width, height, depth, kind, interlaced] = [
    head.readUInt32BE(0),
    head.readUInt32BE(4),
    head[8],
    head[9],
    head[12],
  ];
  assert.ok(depth === 8 && (kind === 2 || kind === 6) && interlaced === 0, 'colours of 8 bits, row by row');
  const size = kind === 2 ? 3 : 4;
  const row = width * size;
  const raw = zlib.inflateSync(Buffer.concat(chunks.filter((c) => c.name === 'IDAT').map((c) => c.data)));
  const bytes = Buffer.alloc(height * row);
  for (let y = 0; y < height; y++) {
    const guess = guesses[raw[y * (row + 1)]];
    for (let x = 0; x < row; x++) {
      const at = y * row + x;
      const left = x >= size ? bytes[at - size] : 0;
      const up = y > 0 ? bytes[at - row] : 0;
      const corner = x >= size && y > 0 ? bytes[at - row - size] : 0;
      bytes[at] = raw[y * (row + 1) + 1 + x] + guess(left, up, corner);
    }
  }
  const colours = Uint32Array.from({ length: width * height }, (_, i) => bytes.readUIntBE(i * size, 3));
  return { width, height, colours };
}

function distance(a, b) {
  const [red, green, blue] = [(a >> 16) - (b >> 16), ((a >> 8) & 255) - ((b >> 8) & 255), (a & 255) - (b & 255)];
  return red * red + green * green + blue * blue;
}

/** The commonest colours as they are, since the eye knows large areas; then others that differ from those. */
function choose(colours) {
  const counts = new Map();
  for (const colour of colours) counts.set(colour, (counts.get(colour) ?? 0) + 1);
  const common = [...counts.entries()].sort((a, b) => b[1] - a[1]).map(([colour]) => colour);
  for (let apart = 0; ; apart += 8) {
    const chosen = [];
    for (const colour of common) {
      if (chosen.length < 24 || chosen.every((one) => distance(one, colour) > apart)) chosen.push(colour);
      if (chosen.length > most) break;
    }
    if (chosen.length <= most) return { chosen, common };
  }
}

/** A PNG of at most 64 colours that looks like this one. */
export function toPalette(png) {
  const { width, height, colours } = read(png);
  const { chosen, common } = choose(colours);
  const nearest = new Map(
    common.map((colour) => {
      let best = 0;
      for (let i = 1; i < chosen.length; i++)
        if (distance(chosen[i], colour) < distance(chosen[best], colour)) best = i;
      return [colour, best];
    }),
  );
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 3, 0, 0, 0], 8);
  const palette = Buffer.from(chosen.flatMap((c) => [c >> 16, (c >> 8) & 255, c & 255]));
  const rows = Buffer.alloc(height * (width + 1));
  for (let i = 0; i < colours.length; i++) rows[i + 1 + Math.floor(i / width)] = nearest.get(colours[i]);
  const data = zlib.deflateSync(rows, { level: 9, memLevel: 9 });
  return Buffer.concat([
    signature,
    chunk('IHDR', head),
    chunk('PLTE', palette),
    chunk('IDAT', data),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
