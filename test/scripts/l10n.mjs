// npm run l10n: writes the messages that src/ui shows into l10n/bundle.l10n.json, brings the translations into the same order,
// and says what they lack. A message is the literal that t() is called with (src/ui/l10n.ts).
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const repo = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const ui = path.join(repo, 'src/ui');
const folder = path.join(repo, 'l10n');
const english = 'bundle.l10n.json';

const call = /(?<![\w.$])t\(\s*/g;
const literal = /'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"/y;

/** The messages in a source; throws for a call whose message is no literal. */
export function messagesIn(source) {
  return [...source.matchAll(call)].map(({ 0: begin, index }) => {
    literal.lastIndex = index + begin.length;
    const found = literal.exec(source);
    if (!found) throw new Error(`t() is called with what is no literal: ${source.slice(index, index + 60)}`);
    const body = found[1] === undefined ? found[2] : found[1].replace(/\\'/g, "'").replace(/(?<!\\)"/g, '\\"');
    return JSON.parse(`"${body}"`);
  });
}

/** Our sources that show something, by their paths from src/ui. */
export function uiSources() {
  const files = fs.readdirSync(ui, { recursive: true, encoding: 'utf8' });
  const sources = files.filter((file) => file.endsWith('.ts') && file !== 'l10n.ts').sort();
  return Object.fromEntries(sources.map((file) => [file, fs.readFileSync(path.join(ui, file), 'utf8')]));
}

/** All messages, once each, in their order. */
export function usedMessages() {
  return [...new Set(Object.values(uiSources()).flatMap(messagesIn))].sort();
}

function update() {
  const messages = usedMessages();
  const write = (file, entries) =>
    fs.writeFileSync(path.join(folder, file), `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`);
  write(
    english,
    messages.map((message) => [message, message]),
  );
  for (const file of fs.readdirSync(folder).filter((name) => name !== english)) {
    const there = JSON.parse(fs.readFileSync(path.join(folder, file), 'utf8'));
    write(
      file,
      messages.filter((message) => message in there).map((message) => [message, there[message]]),
    );
    const lacking = messages.filter((message) => !(message in there));
    if (lacking.length === 0) continue;
    console.error(`${file} lacks:\n${JSON.stringify(lacking, null, 2)}`);
    process.exitCode = 1;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) update();
