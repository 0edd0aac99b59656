// The strings of a TypeScript source, without its comments and imports: what npm run l10n takes the words of src/core from.

const quoted = /'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"/y;
const comment = /\/\/.*|\/\*[\s\S]*?\*\//y;
const regex = /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y;
/** What a division doesn't stand after. */
const beforeRegex = /(?:[(,=:[!&|?{};>]|\breturn|^)\s*$/;
const imported = /(?:\bfrom|\bimport)\s*$/;

/**
 * The strings, each with its values numbered as `{0}`, `{1}` … and what it is handed to: `log.warn` for `log.warn('words')`. One
 * that stands in another's value comes before that.
 */
export function literalsIn(source) {
  const found = [];
  scan(source, 0, [], found);
  return found;
}

/** Goes through code until its end or the `}` that closes it, whose place it returns. */
function scan(source, from, calls, found) {
  const open = [];
  for (let at = from; at < source.length; at++) {
    const char = source[at];
    const before = () => source.slice(Math.max(0, at - 60), at);
    if (char === "'" || char === '"') {
      const end = endOf(quoted, source, at);
      if (!imported.test(before()))
        found.push({ text: textOf(source.slice(at + 1, end - 1)), calls: [...calls, ...callsOf(open)] });
      at = end - 1;
    } else if (char === '`') {
      at = template(source, at, [...calls, ...callsOf(open)], found);
    } else if (char === '/' && /[/*]/.test(source[at + 1])) {
      at = endOf(comment, source, at) - 1;
    } else if (char === '/' && beforeRegex.test(before())) {
      at = endOf(regex, source, at) - 1;
    } else if (char === '(' || char === '{') {
      open.push(char === '(' ? (/[\w.]*$/.exec(before())?.[0] ?? '') : '{');
    } else if (char === ')' || char === '}') {
      if (open.length === 0) return at;
      open.pop();
    }
  }
  return source.length;
}

/** Takes a template that begins at a place; returns the place of its last backtick. */
function template(source, from, calls, found) {
  let text = '';
  let values = 0;
  let at = from + 1;
  for (; source[at] !== '`'; at++) {
    if (source[at] === '\\') text += source.slice(at, ++at + 1);
    else if (source.startsWith('${', at)) {
      at = scan(source, at + 2, calls, found);
      text += `{${values++}}`;
    } else text += source[at];
  }
  found.push({ text: textOf(text), calls });
  return at;
}

function endOf(pattern, source, at) {
  pattern.lastIndex = at;
  const match = pattern.exec(source);
  if (!match) throw new Error(`what is this? ${source.slice(at, at + 60)}`);
  return pattern.lastIndex;
}

const callsOf = (open) => open.filter((callee) => callee !== '{' && callee !== '');

const escapes = { n: '\n', t: '\t', r: '\r', 0: '\0' };

/** What a literal's source says. */
function textOf(body) {
  return body.replace(/\\(?:u\{?([0-9a-fA-F]+)\}?|x([0-9a-fA-F]{2})|([\s\S]))/g, (_, u, x, one) =>
    one === undefined ? String.fromCodePoint(Number.parseInt(u ?? x, 16)) : one === '\n' ? '' : (escapes[one] ?? one),
  );
}
