// npm run l10n: writes the messages that src/ui shows and those of src/core into l10n/bundle.l10n.json, brings the translations into
// the same order, and says what they lack. A message of the ui is the literal that t() is called with (src/ui/l10n.ts); one of the core is each
// string of words there that a person may be shown (src/ui/coreWords.ts), and is marked.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { literalsIn } from './literals.mjs';

const repo = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const ui = path.join(repo, 'src/ui');
const core = path.join(repo, 'src/core');
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

const mark = '/core';

/** Sources whose words are for agents, programs and files; what a person is shown of them, the ui says itself. */
const forOthers =
  /^(agents\/(opencodePlugin|receipts|codexScreen)|clean\/words|diagnostics\/|model\/|monitor\/(composeFile|systemdUnit|monitorLog|runMonitor|unit)|runner\/(instruction|promptFile|takeRequests)|sessions\/(evidence|paneLog)|tmux\/(server|keyWords|syntax))/;

/** What takes words that a person is not shown in VS Code: a log, a comparison with what others say, an error in our own code. */
const toOthers =
  /(^|\.)(log|log\.\w+|tryTo|troubles\.failed|includes|lastIndexOf|startsWith|find|findProgram|parseJson|super|join|look|choice)$/;

/** Names, commands, what others say or are told, what the ui words itself, and errors in our own code. */
const asIs = [
  /^(Claude Code|Gemini CLI|(sudo|npm|brew) .*|printf .*|Library\/.*|in turn|its value|Node \{0\}|came with the folder .*)$/s,
  /^(case when .*|select s\.id.*|cast\(.*| and s\.id.*|.*display-message.*|%\w+ .*|\n {2}caused by: .*)$/s,
  /^(Working directory: .*|Type your message .*|Request cancelled\.|\[no response text\]|Press \{0\} again|Job (\{0\}:?|\\S.*))$/,
  /^(Allow Once|Clear the line|Leave copy mode|Try Again|Set (Agents|tmux Path)|Copy Install Command|Try the Demo Agent)$/,
  /^(that file is complete\.|then end your turn\.|The person at this editor denied it\.)$/,
  /can't become|^session \{0\} has no live job|^no value for/,
];

/** Words that follow each other, or one beside a value: what isn't a key, a name or a path. */
const words = /[A-Za-z']{2,}["”]?[,;:.]? [A-Za-z]{2,}|[a-z]{2,} \{[a-z\d]|\{\d\}[,;:.]? [a-z]{2,}/;

/** The messages of a source of the core, as a bundle has them. */
export function coreMessagesIn(source) {
  return literalsIn(source)
    .filter(
      ({ text, calls }) =>
        words.test(text) && !asIs.some((one) => one.test(text)) && !calls.some((callee) => toOthers.test(callee)),
    )
    .map(({ text }) => text + mark);
}

/** The sources of the core whose words a person may be shown, by their paths from src/core. */
export function coreSources() {
  const files = fs.readdirSync(core, { recursive: true, encoding: 'utf8' });
  const sources = files.filter((file) => file.endsWith('.ts') && !forOthers.test(file)).sort();
  return Object.fromEntries(sources.map((file) => [file, fs.readFileSync(path.join(core, file), 'utf8')]));
}

/** All messages, once each, in their order. */
export function usedMessages() {
  const own = Object.values(uiSources()).flatMap(messagesIn);
  return [...new Set([...own, ...Object.values(coreSources()).flatMap(coreMessagesIn)])].sort();
}

/** What a message of a bundle says in English. */
export const messageOf = (key) => (key.endsWith(mark) ? key.slice(0, -mark.length) : key);

function update() {
  const messages = usedMessages();
  const write = (file, entries) =>
    fs.writeFileSync(path.join(folder, file), `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`);
  write(
    english,
    messages.map((message) => [message, messageOf(message)]),
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
