import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { l10n } from 'vscode';
import german from '../../l10n/bundle.l10n.de.json';
import english from '../../l10n/bundle.l10n.json';
import manifest from '../../package.json';
import englishNames from '../../package.nls.json';
import { fine } from '../../src/core/setup/check';
import { t, translateWith } from '../../src/ui/l10n';
import { rowOf } from '../../src/ui/rows';
import { briefProblem, choiceWords, jobProblem, missedWords, stateWords } from '../../src/ui/words';
import { someDialog, someNow, treeFolder, treeJob, treeSession } from '../support/treeFixtures';

/** What `npm run l10n` goes by. */
interface Script {
  messagesIn(source: string): string[];
  uiSources(): Record<string, string>;
  usedMessages(): string[];
  messageOf(key: string): string;
}

/** The translations in a folder, by their language. */
function translationsIn(folder: string, name: RegExp): [language: string, texts: Record<string, string>][] {
  return fs.readdirSync(folder).flatMap((file): [string, Record<string, string>][] => {
    const language = name.exec(file)?.[1];
    return language ? [[language, JSON.parse(fs.readFileSync(path.join(folder, file), 'utf8'))]] : [];
  });
}

const bundles = translationsIn('l10n', /^bundle\.l10n\.(.+)\.json$/);
const names = translationsIn('.', /^package\.nls\.(.+)\.json$/);

/** What a translation may not lose: placeholders, links of ours, code and addresses. */
const fixed = (text: string) =>
  [...text.matchAll(/\{\d+\}|\(command:[^)]*\)|`[^`]*`|https?:\S+/g)].map(([one]) => one).sort();

describe('the messages of the ui', () => {
  let script: Script;
  let used: string[];

  before(async () => {
    script = await import(path.resolve('test/scripts/l10n.mjs'));
    used = script.usedMessages();
  });

  it('are found in every call, and only literals are', () => {
    assert.deepEqual(script.messagesIn(`t('a "b" it\\'s\\n') + at('c') + x.t('d') + t(\n  "don't"\n)`), [
      'a "b" it\'s\n',
      "don't",
    ]);
    assert.throws(() => script.messagesIn('t(label)'), /no literal/);
    assert.ok(used.length > 300);
  });

  it('stand in the English bundle as they are, and no others do', () => {
    assert.deepEqual(Object.keys(english), used, 'npm run l10n writes it');
    assert.deepEqual(Object.values(english), used.map(script.messageOf));
  });

  for (const [language, bundle] of bundles) {
    it(`are all in ${language}, with the same placeholders, and no others are`, () => {
      assert.deepEqual(Object.keys(bundle), used);
      for (const [message, text] of Object.entries(bundle)) {
        assert.deepEqual(fixed(text), fixed(message), message);
        assert.notEqual(text.trim(), '', message);
      }
    });
  }

  it('are translated into the same languages as package.json', () => {
    const languages = bundles.map(([language]) => language);
    assert.ok(languages.includes('de'));
    assert.deepEqual(
      names.map(([language]) => language),
      languages,
    );
  });

  it('number their placeholders from 0 on', () => {
    for (const message of used) {
      const numbers = new Set([...message.matchAll(/\{(\d*)\}/g)].map(([, number]) => number));
      assert.deepEqual(
        [...numbers].sort(),
        [...numbers.keys()].map((_, index) => String(index)),
        message,
      );
    }
  });

  it('are all that the ui says: no other string of it is a sentence', () => {
    // The core's own choices by what they are called there, and what an agent, a model or a page reads.
    const meant =
      /^(Clear the line|Leave copy mode|(Call|Fix|Line|Lines|Write|<!DOCTYPE) .*|th(is|ese) problems?|what you are asked for under that name)$/s;
    const others = Object.entries(script.uiSources()).flatMap(([file, source]) => {
      const code = source
        .replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
        .replace(/(?<![\w.$])t\(\s*('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")/g, 't(')
        .replace(/\blog\.(info|warn|error|debug)\(\s*(`[^`]*`|'(?:[^'\\]|\\.)*')/g, 'log(');
      const strings = [...code.matchAll(/'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`/g)];
      return strings
        .map(([, single, double, template]) => single ?? double ?? template?.replace(/\$\{[^}]*\}/g, '…') ?? '')
        .filter((text) => /[A-Za-z]{2,} [a-z]{2,}/.test(text) && !meant.test(text))
        .map((text) => `${file}: ${text}`);
    });
    assert.deepEqual(others, []);
  });

  it('are asked for when they are shown, and not when a module is loaded, which is before the language is known', () => {
    const early = Object.entries(script.uiSources()).flatMap(([file, source]) =>
      source
        .split(/^(?=\S)/m)
        .filter((statement) => /^(export )?(const|let) /.test(statement) && !/^.* = (async )?[(\w].*=>/.test(statement))
        // Each entry of a table: one that is a function has its arrow before its message.
        .flatMap((statement) => statement.split(/^(?= {0,2}\S)/m))
        .filter((entry) => /(?<![\w.$])t\(/.test(entry.split('=>')[0] ?? ''))
        .map((entry) => `${file}: ${entry.trim()}`),
    );
    assert.deepEqual(early, []);
  });

  it("leave no word to the script of the job's page", () => {
    const page = fs.readFileSync('media/job.js', 'utf8').replace(/^\s*\/\/.*$/gm, '');
    assert.doesNotMatch(page, /'[A-Z][a-z]/);
  });
});

describe('the texts of package.json', () => {
  /** Fields whose value a person reads, wherever they stand but in what is for a model. */
  const shown =
    /^(title|category|contents|description|markdownDescription|displayName|userDescription|contextualTitle|altText|enumDescriptions|markdownEnumDescriptions|aliases|label|deprecationMessage)$/;

  /** Strings of package.json that a person reads, by where they stand. */
  function textsIn(value: unknown, at: string[] = []): [place: string, text: string][] {
    const field = at.findLast((part) => !/^\d+$/.test(part)) ?? '';
    if (typeof value === 'string') {
      const isView = field === 'name' && at.includes('views');
      return shown.test(field) || isView ? [[at.join('.'), value]] : [];
    }
    if (typeof value !== 'object' || value === null) return [];
    return Object.entries(value).flatMap(([key, one]) => (key === 'inputSchema' ? [] : textsIn(one, [...at, key])));
  }

  const texts = textsIn(manifest);
  const keys = texts.map(([, text]) => /^%(.+)%$/.exec(text)?.[1]);

  it('are keys, all of them', () => {
    assert.ok(texts.length > 150);
    assert.deepEqual(
      texts.filter((_, index) => keys[index] === undefined),
      [],
    );
  });

  it('have a text for each key, and no others', () => {
    assert.deepEqual(Object.keys(englishNames).sort(), [...new Set(keys)].sort());
  });

  for (const [language, bundle] of names) {
    it(`are all in ${language}, with the same links and code`, () => {
      assert.deepEqual(Object.keys(bundle), Object.keys(englishNames));
      for (const [key, text] of Object.entries<string>(englishNames)) {
        // A command is called in a text by its own title.
        const code = (one: string) => fixed(one).filter((part) => !part.startsWith('`Courier: '));
        assert.deepEqual(code(bundle[key] ?? ''), code(text), key);
        assert.equal(bundle[key]?.endsWith('…'), text.endsWith('…'), key);
      }
    });
  }
});

describe('in German', () => {
  const spoken: Record<string, string> = german;
  const inGerman = (message: string, ...values: unknown[]) =>
    (spoken[message] ?? `not German: ${message}`).replace(/\{(\d+)\}/g, (_, index) => String(values[Number(index)]));

  before(() => translateWith({ t: inGerman as typeof l10n.t, bundle: spoken }));

  it('the view says where sessions and jobs stand', () => {
    const jobs = [treeJob('j1', 'running', { phase: 'accepted' }), treeJob('j2', 'pending')];
    const session = treeSession('busy', jobs);
    const folder = treeFolder('a', [session]);
    const row = rowOf({ kind: 'session', folder, session }, someNow);
    assert.match(row.spoken, /^main, Sitzung, arbeitet .*1 in der Warteschlange/);
    const job = treeJob('j3', 'timeout');
    assert.match(rowOf({ kind: 'job', folder, session, job }, someNow).spoken, /, Auftrag, Zeitüberschreitung/);
    const dialog = rowOf({ kind: 'dialog', folder, target: 'main', waiting: someDialog }, someNow);
    assert.equal(dialog.label, 'Diesem Ordner vertrauen?');
    assert.equal(stateWords('waiting'), 'braucht eine Antwort');
  });

  it("dialogs are answered in words of ours, or in the agent's own", () => {
    assert.equal(choiceWords({ id: 'allow-once', label: 'Allow Once' }), 'Einmal zulassen');
    assert.equal(choiceWords({ id: 'enter', label: 'Press Enter again' }), 'Eingabetaste erneut drücken');
    assert.equal(choiceWords({ id: 'enter', label: 'Press Ctrl+S again' }), 'Ctrl+S erneut drücken');
    assert.equal(choiceWords({ id: 'yes', label: 'Yes, and do not ask again' }), 'Yes, and do not ask again');
  });

  it('why a job failed comes before what is said of it, where that is not known in German', () => {
    const message = 'the agent exited with status 3';
    const failed = treeJob('j1', 'failed', { reason: 'agent_exited', message });
    const german = 'der Agent endete während der Arbeit';
    assert.equal(jobProblem(failed), `${german} (auf Englisch: ${message})`);
    assert.equal(jobProblem(treeJob('j1', 'failed', { reason: 'agent_exited' })), german);
    const wordy = { ...failed, message: `${message} (killed; its last words: one\ntwo)` };
    assert.equal(briefProblem(wordy), `${german} (auf Englisch: ${message} (killed))`);
    translateWith({ t: inGerman as typeof l10n.t, bundle: undefined });
    assert.equal(jobProblem(failed), message, 'said twice in English');
    translateWith({ t: inGerman as typeof l10n.t, bundle: spoken });
  });

  it('what the setup lacks, and why a folder is foreign, are said in it though the core found them', () => {
    const folder = treeFolder('a', []);
    const check = fine(
      'adopted',
      '.courier is not from this machine',
      '/x was made at /y, so nothing in it is run. If you trust what it holds, adopt it.',
    );
    const lack = rowOf({ kind: 'setup', folder: undefined, finding: { check } }, someNow);
    assert.equal(lack.label, '.courier ist nicht von diesem Computer');
    assert.match(lack.description ?? '', /^\/x wurde in \/y angelegt; darin wird nichts ausgeführt\. Wenn/);
    const foreign = rowOf({ kind: 'foreign', folder, why: '/x has no folder.json' }, someNow);
    assert.match(foreign.spoken, /: \/x hat keine Datei folder\.json\./);
    assert.equal(check.title, '.courier is not from this machine', 'what others read of it is English');
  });

  it('one and several are told apart', () => {
    const done = ['a', 'b', 'c'].map((id) => treeJob(id, 'completed'));
    const failed = treeJob('d', 'failed');
    assert.match(missedWords([...done, failed]), /^3 Antworten kamen, und 1 Auftrag ist fehlgeschlagen/);
    assert.match(missedWords(done), /^3 Antworten kamen, während/);
  });

  it('a message that holds braces stays what it is', () => {
    assert.equal(t('Its id stays {0}.', '{1} {0}'), 'Ihre ID bleibt {1} {0}.');
  });
});
