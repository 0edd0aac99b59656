import assert from 'node:assert/strict';
import * as path from 'node:path';
import type { l10n } from 'vscode';
import german from '../../l10n/bundle.l10n.de.json';
import { refusedError } from '../../src/cli/exitCodes';
import { ProgramNotFound, whereWords } from '../../src/core/support/findExecutable';
import { known, problemOf, translated } from '../../src/ui/coreWords';
import { translateWith } from '../../src/ui/l10n';
import { briefProblem, jobProblem } from '../../src/ui/words';
import { treeJob } from '../support/treeFixtures';

/** A string of a source, and what it is handed to. */
interface Literal {
  text: string;
  calls: string[];
}

const spoken: Record<string, string> = german;
const keys = Object.keys(spoken).filter((key) => key.endsWith('/core'));
const asIs = ((message: string) => message) as typeof l10n.t;

/** A message with values that look like parts of one. */
const filled = (message: string) => message.replace(/\{(\d+)\}/g, (_, index) => `«${index}·{0}$&$1\\n"ß"\n→»`);

describe('what the core says, in German', () => {
  let literalsIn: (source: string) => Literal[];
  let sources: Record<string, string>;

  before(async () => {
    ({ literalsIn } = await import(path.resolve('test/scripts/literals.mjs')));
    sources = (await import(path.resolve('test/scripts/l10n.mjs'))).coreSources();
  });

  beforeEach(() => translateWith({ t: asIs, bundle: spoken }));
  afterEach(() => translateWith({ t: asIs, bundle: undefined }));

  it('is found again, each message with whatever values', () => {
    assert.ok(keys.length > 200);
    for (const key of keys) {
      const message = key.slice(0, -'/core'.length);
      assert.equal(translated(filled(message)), filled(spoken[key] ?? ''), message);
    }
  });

  it('has every message of an error', () => {
    const errors = Object.values(sources).flatMap((source) =>
      literalsIn(source).filter(
        ({ text, calls }) => /CourierError$|^invalid$/.test(calls.at(-1) ?? '') && / /.test(text),
      ),
    );
    assert.ok(errors.length > 50, String(errors.length));
    for (const { text } of errors) assert.notEqual(known(filled(text)), undefined, text);
  });

  it('is put together as the core did', () => {
    const looked = ['PATH', 'the system', "the login shell's PATH"].map((name) => ({ name, folders: [] }));
    const where = new ProgramNotFound(
      'no_agent',
      `There is no program "cc"${whereWords(looked)}, so that Claude can not be started. Install it, or name its path in the setting courier.agents.`,
      looked,
    );
    assert.equal(
      problemOf(where),
      'Es gibt kein Programm "cc" auf PATH und auch nicht dort, wo solche Programme gewöhnlich liegen (das System, der PATH der Login-Shell), deshalb lässt sich Claude nicht starten. Installieren Sie es, oder nennen Sie seinen Pfad in der Einstellung courier.agents.',
    );
    assert.equal(
      translated('The turn ended and left no answer file. What the agent said last is kept in out/a b.md.'),
      'Der Agent war fertig und hat keine Antwortdatei hinterlassen. Was der Agent zuletzt gesagt hat, steht in out/a b.md.',
    );
    assert.equal(
      translated('/w/.courier was made at /x, so nothing in it is run. If you trust what it holds, adopt it.'),
      '/w/.courier wurde in /x angelegt; darin wird nichts ausgeführt. Wenn Sie dem Inhalt vertrauen, übernehmen Sie den Ordner.',
    );
    assert.equal(translated('dialogs.0.keys is no key'), 'dialogs.0.keys ist keine Taste');
    assert.equal(
      translated('The session was stopped. And something else.'),
      'Die Sitzung wurde angehalten. And something else.',
    );
  });

  it('is the same whoever wrote it: the reply to a request, or a file', () => {
    assert.equal(problemOf(refusedError('There is no job j1.')), 'Es gibt keinen Auftrag j1.');
    assert.equal(
      problemOf(Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' })),
      'Der Datenträger ist voll; schaffen Sie Platz (ENOSPC: no space left).',
    );
    const message = 'Claude Code ended (exit status 3; its last words: a. b). What it wrote so far is kept in o.md.';
    const failed = treeJob('j1', 'failed', { reason: 'agent_exited', message });
    assert.equal(
      jobProblem(failed),
      'Claude Code ist beendet (Exitstatus 3; seine letzten Worte: a. b). Was er bis dahin geschrieben hat, steht in o.md.',
    );
    assert.match(briefProblem(failed), /^Claude Code ist beendet \(Exitstatus 3\)\. Was er/);
  });

  it('leaves what is not of the core as it is, and all where VS Code speaks English', () => {
    for (const text of ['', ' ', 'Adopt', 'API Error: 500', 'Answer', 'x'.repeat(100_000), 'a, '.repeat(50_000)]) {
      assert.equal(known(text), undefined);
      assert.equal(translated(text), text);
    }
    const hostile = ['exit status 1, ', '; its last words: ', '{0} Nothing was sent. ', 'a (', ' ended ('];
    for (const text of hostile) known(text.repeat(1000).slice(0, 16_000));
    assert.equal(translated(undefined), undefined);
    translateWith({ t: asIs, bundle: undefined });
    assert.equal(translated('The session was stopped.'), 'The session was stopped.');
  });

  it('is taken from the sources as they are written', () => {
    const source =
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is a source.
      "import 'a b'; // 'c d'\nlog.warn(`e ${f('g h')}`); x = y / 2 / z; r = /'/; t(\"it's\\n\", `i ${`j ${k}`} l`);";
    assert.deepEqual(literalsIn(source), [
      { text: 'g h', calls: ['log.warn', 'f'] },
      { text: 'e {0}', calls: ['log.warn'] },
      { text: "it's\n", calls: ['t'] },
      { text: 'j {0}', calls: ['t'] },
      { text: 'i {0} l', calls: ['t'] },
    ]);
  });
});
