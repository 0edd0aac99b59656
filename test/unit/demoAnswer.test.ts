import assert from 'node:assert/strict';
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { composeAnswer } from '../../src/demo/answer';
import { readInstruction } from '../../src/demo/instruction';
import { beginMarker, endMarker } from '../../src/demo/promptRange';
import { PromptReader, type PromptSummary, summarizePrompt } from '../../src/demo/promptSummary';
import { makeTempDir, type TempDir } from '../support/tempDir';

function summarize(text: string, pieceLength = text.length || 1): PromptSummary {
  const reader = new PromptReader();
  for (let at = 0; at < text.length; at += pieceLength) reader.write(text.slice(at, at + pieceLength));
  return reader.end();
}

const markdown = `# Title
Some words here 😀

\`\`\`sh
# no heading
\`\`\`
TODO: more
## Part
`;

const code = `// FIXME: slow
export async function first(a: string) {
  const inner = 1;
}
class Second extends First {}
# what is this
type Third = string;
def fourth(x):
`;

describe('demo answer', () => {
  it('counts the same however the text is cut', () => {
    const whole = summarize(markdown);
    const counts = [whole.lines, whole.words, whole.characters, whole.fences];
    assert.deepEqual(counts, [8, 15, [...markdown].length, 1]);
    for (const length of [1, 2, 3, 7, 64]) assert.deepEqual(summarize(markdown, length), whole, `pieces of ${length}`);
  });

  it('outlines Markdown by its headings, without those in fences', () => {
    assert.deepEqual(summarize(markdown).outline, [
      { line: 1, text: '# Title' },
      { line: 8, text: '## Part' },
    ]);
  });

  it('outlines code by its declarations', () => {
    const { outline, todos } = summarize(code);
    assert.deepEqual(
      outline.map(({ line }) => line),
      [2, 3, 5, 7, 8],
    );
    assert.deepEqual(todos, [{ line: 1, text: '// FIXME: slow' }]);
  });

  it('counts an empty prompt and one without a last newline', () => {
    assert.deepEqual([summarize('').lines, summarize('').firstLine], [0, '']);
    assert.deepEqual([summarize('a\nb').lines, summarize('a\nb\n').lines], [2, 2]);
    assert.deepEqual(summarize('a\r\n# b\r\n').outline, [{ line: 2, text: '# b' }]);
  });

  it('says what it is, and shows the first line, the counts and the lists', () => {
    const answer = composeAnswer('j-1', summarize(markdown));
    assert.match(answer, /^# Demo answer to job j-1\n/);
    assert.match(answer, /Demo agent's computed answer: no model/);
    assert.match(answer, /begins: `# Title`/);
    assert.match(answer, /\| 8 \| 15 \| \d+ \| 1 \|/);
    assert.match(answer, /- line 8: `## Part`/);
    assert.match(answer, /- line 7: `TODO: more`/);
  });

  it('limits its lists and tells how many more there are', () => {
    const answer = composeAnswer('j-1', summarize('TODO\n'.repeat(57)));
    assert.equal(answer.match(/^- line/gm)?.length, 50);
    assert.match(answer, /and 7 more/);
  });

  it('collects the modes that the prompt asks for', () => {
    assert.deepEqual(
      [...summarize('hi\ndemo-mode: slow=5\ndemo-mode: one-byte').modes],
      [
        ['slow', '5'],
        ['one-byte', ''],
      ],
    );
  });
});

describe('demo prompt file', () => {
  let dir: TempDir;
  beforeEach(async () => {
    dir = await makeTempDir();
  });
  afterEach(() => dir.remove());

  const read = async (text: string) => {
    const path = join(dir.path, 'p.md');
    await writeFile(path, text);
    return summarizePrompt(path);
  };

  it('takes what stands between the first begin marker and the last end marker', async () => {
    const inner = `one\n${endMarker}\n${beginMarker}\ntwo`;
    const summary = await read(`head\n${beginMarker}\n${inner}\n${endMarker}\nfoot TODO\n`);
    assert.deepEqual([summary.firstLine, summary.lines, summary.todosTotal], ['one', 4, 0]);
    assert.equal(summary.characters, inner.length);
  });

  it('takes markers only where they fill a line', async () => {
    const { characters } = await read(`see ${beginMarker} here\r\n${beginMarker}\r\nabc\n${endMarker}`);
    assert.equal(characters, 3);
  });

  it('takes the whole file when a marker is missing, and nothing when nothing stands between', async () => {
    assert.equal((await read('a\nb\n')).lines, 2);
    assert.equal((await read(`a\n${beginMarker}\nb\n`)).lines, 3);
    assert.equal((await read(`${beginMarker}\n${endMarker}\n`)).characters, 0);
  });

  it('reads 100 MB, also in one line, with little memory', async function () {
    this.timeout(120_000);
    const path = join(dir.path, 'big.md');
    const file = await open(path, 'wx');
    const block = `${'word '.repeat(13_107)}\n`;
    await file.write(`${beginMarker}\n`);
    for (let i = 0; i < 800; i++) await file.write(block);
    const oneLine = 'x'.repeat(1024 * 1024);
    for (let i = 0; i < 50; i++) await file.write(oneLine);
    await file.write(`\n${endMarker}\n`);
    await file.close();
    const before = process.memoryUsage().rss;
    const { lines, words, characters } = await summarizePrompt(path);
    const grown = process.memoryUsage().rss - before;
    assert.deepEqual([lines, words], [801, 800 * 13_107 + 1]);
    assert.equal(characters, 800 * block.length + 50 * oneLine.length);
    assert.ok(grown < 60 * 1024 * 1024, `memory grew by ${grown} bytes`);
  });
});

describe('demo instruction', () => {
  it('finds the job id and both paths, whatever stands around them', () => {
    assert.deepEqual(
      readInstruction(
        'Job j-20261122-7f3a: please read `.courier/prompts/task_1.md`, and write to (.courier/output/o_1.md).',
      ),
      {
        type: 'job',
        jobId: 'j-20261122-7f3a',
        promptPath: '.courier/prompts/task_1.md',
        outputPath: '.courier/output/o_1.md',
      },
    );
  });

  it('knows the id of a job that was run again, or that a program chose', () => {
    for (const id of ['r-1499e5bc2c92', '7', 'Review_of-main']) {
      const line = readInstruction(`Job ${id}: please read the file a/prompts/task_${id}.md; to a/output/o_${id}.md.`);
      assert.equal(line.type === 'job' && line.jobId, id);
    }
  });

  it('knows a reminder', () => {
    const reminder = readInstruction('Job r-1: the answer is not there yet, please write a/output/o.md now.');
    assert.deepEqual(reminder, { type: 'reminder', jobId: 'r-1', promptPath: undefined, outputPath: 'a/output/o.md' });
  });

  it('takes anything else as talk', () => {
    for (const line of ['hello', 'read prompts/a.md', 'prompts/.md output/']) {
      assert.equal(readInstruction(line).type, 'talk', line);
    }
  });
});
