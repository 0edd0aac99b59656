import assert from 'node:assert/strict';
import { modesInLine, numberOf, parseModes } from '../../src/demo/modes';
import { parseOptions } from '../../src/demo/options';

describe('demo modes', () => {
  it('reads a list with and without values', () => {
    const modes = parseModes('slow=250, two-step,crash=0');
    assert.deepEqual([...modes.keys()], ['slow', 'two-step', 'crash']);
    assert.equal(numberOf(modes, 'slow'), 250);
    assert.equal(numberOf(modes, 'two-step'), 3000);
    assert.equal(numberOf(modes, 'crash'), 0);
  });

  it('names what it does not know', () => {
    assert.throws(() => parseModes('slow,quick'), /no such mode: quick/);
    assert.throws(() => parseModes('slow=soon'), /slow takes a whole number, not "soon"/);
  });

  it('finds a mode in a line of a prompt, also behind a comment sign', () => {
    assert.deepEqual([...modesInLine('demo-mode: permission')], [['permission', '']]);
    assert.deepEqual(
      [...modesInLine('// demo-mode: slow=20,one-byte')],
      [
        ['slow', '20'],
        ['one-byte', ''],
      ],
    );
    assert.deepEqual([...modesInLine('<!-- demo-mode: two-step=5 -->')], [['two-step', '5']]);
  });

  it('takes no mode from a prompt that only makes sense at the start, or from mere talk', () => {
    for (const line of ['demo-mode: trust', 'demo-mode: nonsense', 'try demo-mode: slow', 'slow=3', '']) {
      assert.equal(modesInLine(line).size, 0, line);
    }
  });
});

describe('demo options', () => {
  const id = '00000000-0000-4000-8000-000000000001';

  it('reads ids and modes', () => {
    const options = parseOptions(['--mode', 'slow=1', '--session-id', id, '--mode', 'trust']);
    assert.ok(options.action === 'run');
    assert.deepEqual([options.sessionId, options.source], [id, 'startup']);
    assert.deepEqual([...options.modes.keys()], ['slow', 'trust']);
  });

  it('resumes', () => {
    const options = parseOptions(['--resume', id]);
    assert.ok(options.action === 'run');
    assert.deepEqual([options.sessionId, options.source], [id, 'resume']);
  });

  it('refuses what it does not understand', () => {
    assert.throws(() => parseOptions(['--session-id', 'x']), /not a UUID: x/);
    assert.throws(() => parseOptions(['--fast']), /--fast/);
  });
});
