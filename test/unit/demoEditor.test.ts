import assert from 'node:assert/strict';
import { ChoiceDialog } from '../../src/demo/choiceDialog';
import { type Key, KeyDecoder } from '../../src/demo/keys';
import { type Edit, type EditorFaults, LineEditor } from '../../src/demo/lineEditor';
import { Screen } from '../../src/demo/screen';
import { rowsOf } from '../../src/demo/textWidth';

function typeInto(editor: LineEditor, ...chunks: string[]): Edit[] {
  const decoder = new KeyDecoder();
  const keys: Key[] = chunks.flatMap((chunk) => decoder.push(chunk));
  return [...keys, ...decoder.flush()].map((key) => editor.press(key)).filter((edit) => edit.type !== 'none');
}

function edited(chunks: string[], faults?: EditorFaults): { text: string; edits: Edit[] } {
  const editor = new LineEditor(faults);
  const edits = typeInto(editor, ...chunks);
  return { text: editor.text, edits };
}

describe('demo line editor', () => {
  it('submits the trimmed line on Enter and starts anew', () => {
    assert.deepEqual(edited([' hello ', '\r', 'x']), { text: 'x', edits: [{ type: 'submit', line: 'hello' }] });
  });

  it('takes an Enter on an empty line as nothing', () => {
    assert.deepEqual(edited(['\r', '  \r']), { text: '  ', edits: [] });
  });

  it('deletes a whole character, and the line', () => {
    assert.equal(edited(['ab😀\x7f\x7f']).text, 'a');
    assert.equal(edited(['ab\x15c']).text, 'c');
  });

  it('ignores arrows, Esc and tabs', () => {
    assert.equal(edited(['a\x1b[A\x1bOB\x1b[1;5C\tb\x1b']).text, 'ab');
  });

  it('makes one line of a paste that comes in pieces, and lets no control character in', () => {
    const { text, edits } = edited(['\x1b[20', '0~one\rtwo\r\nth\x1b', '[31mree\x1b[2', '01~!']);
    assert.deepEqual({ text, edits }, { text: 'one two th[31mree!', edits: [] });
  });

  it('leaves on /exit, on Ctrl-D and on the second Ctrl-C of an empty line', () => {
    assert.deepEqual(edited(['/exit\r']).edits, [{ type: 'exit' }]);
    assert.deepEqual(edited(['a\x04\x15\x04']).edits, [{ type: 'exit' }]);
    assert.deepEqual(edited(['a\x03\x03\x03']).edits, [{ type: 'exit-hint' }, { type: 'exit' }]);
    assert.deepEqual(edited(['\x03a\x15\x03']).edits, [{ type: 'exit-hint' }, { type: 'exit-hint' }]);
  });

  it('swallows the first Enter of each text, or every one, when told to', () => {
    const submitted: Edit = { type: 'submit', line: 'a' };
    assert.deepEqual(edited(['\ra\r'], { swallowEnter: true }), { text: 'a', edits: [] });
    assert.deepEqual(edited(['a\r\r', 'a\r\r'], { swallowEnter: true }).edits, [submitted, submitted]);
    assert.deepEqual(edited(['a\r\r\r'], { ignoreEnter: true }), { text: 'a', edits: [] });
  });
});

describe('demo key decoder', () => {
  it('waits with a lone Esc until it is told that nothing follows', () => {
    const decoder = new KeyDecoder();
    assert.deepEqual(decoder.push('\x1b'), []);
    assert.equal(decoder.undecided, true);
    assert.deepEqual(decoder.flush(), [{ type: 'escape' }]);
    assert.deepEqual([...decoder.push('\x1b'), ...decoder.push('[A')], [{ type: 'up' }]);
    assert.equal(decoder.undecided, false);
  });
});

describe('demo dialog', () => {
  const press = (...keys: Key[]) => {
    const dialog = new ChoiceDialog('May it?', ['Yes', 'No']);
    return { choices: keys.map((key) => dialog.press(key)), lines: dialog.lines };
  };

  it('chooses by digit, by arrows and Enter, and takes Esc as the last choice', () => {
    assert.deepEqual(press({ type: 'text', text: '2' }).choices, [1]);
    assert.deepEqual(press({ type: 'text', text: '3' }, { type: 'text', text: 'y' }).choices, [undefined, undefined]);
    assert.deepEqual(press({ type: 'down' }, { type: 'down' }, { type: 'enter' }).choices, [undefined, undefined, 1]);
    assert.deepEqual(press({ type: 'escape' }).choices, [1]);
  });

  it('marks the choice that Enter would take', () => {
    assert.deepEqual(press().lines, ['May it?', '❯ 1. Yes', '  2. No']);
    assert.deepEqual(press({ type: 'down' }).lines, ['May it?', '  1. Yes', '❯ 2. No']);
  });
});

describe('demo screen', () => {
  it('counts rows of wrapped, wide and combined characters', () => {
    assert.deepEqual(
      ['', 'a'.repeat(10), 'a'.repeat(11), '漢'.repeat(5), 'a漢漢漢漢漢', 'e\u0301'.repeat(10), '😀'.repeat(6)].map(
        (text) => rowsOf(text, 10),
      ),
      [1, 1, 2, 1, 2, 1, 2],
    );
  });

  it('adds to what only grew, and goes up over wrapped rows to replace the rest', () => {
    const written: string[] = [];
    const screen = new Screen({ columns: 10, write: (text: string) => written.push(text) });
    screen.show(['demo> abcdefg']);
    screen.show(['demo> abcdefgh']);
    screen.print('said');
    screen.show([]);
    assert.deepEqual(written, [
      '\r\x1b[Jdemo> abcdefg',
      'h',
      '\x1b[1A\r\x1b[Jsaid\r\ndemo> abcdefgh',
      '\x1b[1A\r\x1b[J',
    ]);
  });
});
