import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import fc from 'fast-check';
import { Layout } from '../../src/core/store/layout';
import { readFrontMatter } from '../../src/core/support/frontMatter';
import { fenced } from '../../src/core/templates/fence';
import { type FoundTemplate, templatesIn, workspaceTemplates } from '../../src/core/templates/findTemplates';
import { fillTemplate, parseTemplate, type Variable, variables, variablesOf } from '../../src/core/templates/template';
import { makeTempDir, type TempDir } from '../support/tempDir';

const values = (given: Partial<Record<Variable, string>>) => new Map(Object.entries(given) as [Variable, string][]);

describe('prompt templates', () => {
  it('are filled with each of the variables', () => {
    const names = Object.keys(variables) as Variable[];
    const text = names.map((name) => `<$\{${name}}>`).join('');
    const template = parseTemplate(text, 'all');
    assert.deepEqual(variablesOf(template), names);
    assert.equal(
      fillTemplate(template, new Map(names.map((name) => [name, name.toUpperCase()]))),
      names.map((name) => `<${name.toUpperCase()}>`).join(''),
    );
  });

  it('ask for an input once, however often they name it', () => {
    const template = parseTemplate(`$\{input:What for}, $\{input:What for} and $\{input:When}`, 'inputs');
    assert.deepEqual(variablesOf(template), ['input:What for', 'input:When']);
    const filled = fillTemplate(template, values({ 'input:What for': 'tests', 'input:When': 'now' }));
    assert.equal(filled, 'tests, tests and now');
  });

  it('leave a value as it is, also one that looks like a variable', () => {
    const template = parseTemplate(`$\{selection}|$\{file}`, 'once');
    const selection = `$\{clipboard} $\{file} $$\{x} $& $1`;
    assert.equal(fillTemplate(template, values({ selection, file: 'a.ts' })), `${selection}|a.ts`);
  });

  it('are refused by the name of each variable that there is not', () => {
    const text = `$\{selection} $\{slection} $\{env:HOME} $\{input:} $\{command:x} $\{constructor} $\{}`;
    assert.throws(
      () => parseTemplate(text, 'wrong'),
      (error: Error & { code?: string }) => {
        assert.equal(error.code, 'bad_template');
        for (const name of ['slection', 'env:HOME', 'input:', 'command:x', 'constructor', ''])
          assert.ok(error.message.includes(`$\{${name}}`), `${name} in ${error.message}`);
        assert.ok(!error.message.includes(`$\{selection}`), error.message);
        return true;
      },
    );
  });

  it('have a way to write the characters of a variable', () => {
    const template = parseTemplate(`const a = $$\{b}; $$$\{c} costs $5 or $\{file`, 'code');
    assert.deepEqual(variablesOf(template), []);
    assert.equal(fillTemplate(template, new Map()), `const a = $\{b}; $$\{c} costs $5 or $\{file`);
  });

  it('have their words kept, whatever they are', () => {
    const words = fc.string().filter((text) => text.trim() !== '' && !/\$\{|^\uFEFF?---/.test(text));
    fc.assert(
      fc.property(words, (text) => fillTemplate(parseTemplate(text, 'x'), new Map()) === text.replace(/^\uFEFF/, '')),
    );
  });

  it('have a title and a description in their front matter, else their file name', () => {
    const { title, description } = parseTemplate(
      '---\ntitle: "A title"\ndescription: words: more\n---\nbody\n',
      'file',
    );
    assert.deepEqual({ title, description }, { title: 'A title', description: 'words: more' });
    const plain = parseTemplate('body\n', 'file');
    assert.deepEqual({ ...plain }, { title: 'file', parts: ['body\n'] });
  });

  it('are no templates without words', () => {
    assert.throws(() => parseTemplate('---\ntitle: empty\n---\n \n', 'empty'), { code: 'bad_template' });
  });

  describe('in a folder', () => {
    let temp: TempDir;
    let layout: Layout;
    const namesOf = (found: FoundTemplate[]) => found.map(({ name }) => name);
    beforeEach(async () => {
      temp = await makeTempDir();
      layout = new Layout(path.join(temp.path, 'work'));
      await fs.mkdir(layout.templates, { recursive: true });
    });
    afterEach(() => temp.remove());
    const write = (name: string, text: string | Buffer) => fs.writeFile(path.join(layout.templates, name), text);

    it('are found by name; one that can not be used says why', async () => {
      await write('b.md', 'two');
      await write('a.md', 'one');
      await write('c.md', `$\{nothing}`);
      await write('d.md', Buffer.from('caf\xe9', 'latin1'));
      await write('note.txt', 'no template');
      await write('.hidden.md', 'no template');
      await fs.mkdir(path.join(layout.templates, 'e.md'));
      const found = await workspaceTemplates(layout);
      assert.deepEqual(namesOf(found), ['a', 'b', 'c', 'd', 'e']);
      const problems = found.map((one) => ('problem' in one ? one.problem : ''));
      assert.deepEqual(problems.slice(0, 2), ['', '']);
      assert.match(problems[2]!, /\$\{nothing\}/);
      assert.match(problems[3]!, /not UTF-8/);
      assert.match(problems[4]!, /not a plain file|EISDIR/);
    });

    it('of a workspace are not read through a link, nor waited for in a pipe', async () => {
      const secret = path.join(temp.path, 'secret.md');
      await fs.writeFile(secret, 'secret words');
      await fs.symlink(secret, path.join(layout.templates, 'link.md'));
      execFileSync('mkfifo', [path.join(layout.templates, 'pipe.md')]);
      const found = await workspaceTemplates(layout);
      assert.deepEqual(namesOf(found), ['link', 'pipe']);
      for (const one of found) assert.ok('problem' in one, JSON.stringify(one));
      assert.ok(!JSON.stringify(found).includes('secret words'));
    });

    it('of a workspace are none when the folder itself is a link', async () => {
      const elsewhere = path.join(temp.path, 'elsewhere');
      await fs.mkdir(elsewhere);
      await fs.writeFile(path.join(elsewhere, 'secret.md'), 'secret words');
      await fs.rm(layout.templates, { recursive: true });
      await fs.symlink(elsewhere, layout.templates);
      assert.deepEqual(await workspaceTemplates(layout), []);
    });

    it('of the user may be links, and there may be no folder', async () => {
      const kept = path.join(temp.path, 'kept.md');
      await fs.writeFile(kept, 'words');
      await fs.symlink(kept, path.join(layout.templates, 'mine.md'));
      assert.deepEqual(namesOf(await templatesIn(layout.templates)), ['mine']);
      assert.deepEqual(await templatesIn(path.join(temp.path, 'absent')), []);
    });

    it('are refused when they are far too large', async () => {
      await write('large.md', Buffer.alloc(1024 * 1024 + 1, 'a'));
      const [found] = await workspaceTemplates(layout);
      assert.match(found && 'problem' in found ? found.problem : '', /larger than/);
    });
  });

  it('that came with the extension can all be used', async () => {
    const shipped = await templatesIn('media/templates');
    assert.equal(shipped.length, 3);
    for (const one of shipped) {
      assert.ok('template' in one, 'problem' in one ? one.problem : '');
      assert.notEqual(one.template.title, one.name);
      assert.ok(one.template.description);
    }
  });
});

describe('front matter', () => {
  it('is the lines between two rules at the start, and only there', () => {
    const text = "---\nName: one\nwhat: >\n  two\n  lines\nquoted: 'it is'\n- list\n---\nbody\n---\nmore\n";
    const { fields, body } = readFrontMatter(text);
    assert.deepEqual(fields, { name: 'one', what: 'two lines', quoted: 'it is' });
    assert.equal(body, 'body\n---\nmore\n');
    assert.deepEqual(readFrontMatter('a\n---\nb: c\n---\n'), { fields: {}, body: 'a\n---\nb: c\n---\n' });
    assert.deepEqual(readFrontMatter('---\nnever closed'), { fields: {}, body: '---\nnever closed' });
    assert.deepEqual(readFrontMatter('\uFEFF---\r\na: b\r\n---\r\nc'), { fields: { a: 'b' }, body: 'c' });
  });

  it('reads any text', () => {
    fc.assert(fc.property(fc.string(), (text) => text.endsWith(readFrontMatter(text).body)));
  });
});

describe('a fence', () => {
  it('is longer than any in its text', () => {
    assert.equal(fenced('a', 'ts'), '```ts\na\n```\n');
    assert.equal(fenced('a\n````\nb\n'), '`````\na\n````\nb\n`````\n');
  });
});
