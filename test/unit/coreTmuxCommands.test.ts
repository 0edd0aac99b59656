import assert from 'node:assert/strict';
import { attachArgs } from '../../src/core/tmux/attach';
import { parseTmuxVersion } from '../../src/core/tmux/client';
import * as commands from '../../src/core/tmux/commands';
import { block, line, quote } from '../../src/core/tmux/syntax';

describe('tmux commands as data', () => {
  it('quote every argument so that nothing in it means anything', () => {
    assert.equal(quote("it's #(x) $HOME ; } { ~ \\"), "'it'\\''s #(x) $HOME ; } { ~ \\'");
    assert.equal(line('send-keys', '-t', '%1', '-l', '--', '-x;'), "send-keys '-t' '%1' '-l' '--' '-x;'");
    assert.equal(block(['a', 'b']), '{\na\nb\n}');
  });

  it('refuse what would end or change a line', () => {
    for (const bad of ['\n', '\r', '\x1b', '\0', '\x7f', '\x03'])
      assert.throws(() => line('x', `a${bad}b`), /control character/, JSON.stringify(bad));
    assert.ok(line('x', 'a\tb'), 'a tab is a blank');
    assert.throws(() => commands.type(1, { pane_id: '%1', launch_id: 'l' }, { text: 'a\nb' }), /control character/);
  });

  it('read a list of panes, titles that hold the separator, and rows that are none', () => {
    const row = (...fields: string[]) => fields.join('::');
    const text = [
      row(
        'courier_main',
        '%0',
        '12',
        '0',
        '',
        '',
        '0',
        'client-9,/dev/pts/3',
        '7',
        '$0',
        '1795349851',
        '1',
        'l-1',
        'a :: b::c',
      ),
      row('courier_x', '%5', '13', '1', '3', '', '0', '0', '7', '$1', '1795349851', '0', 'l-2', ''),
      row('courier_y', '%6', '14', '1', '', '9', '1', '0', '7', '$2', '1795349851', '0', '', 't'),
      'no server running',
      '',
    ].join('\n');
    const [main, dead, killed, ...rest] = commands.listPanes().parse(text);
    assert.deepEqual(rest, []);
    assert.deepEqual([main?.title, main?.attached, main?.dead, main?.exit_status], ['a :: b::c', 1, false, undefined]);
    assert.deepEqual([dead?.dead, dead?.exit_status, dead?.signal], [true, 3, undefined]);
    assert.deepEqual(
      [killed?.exit_status, killed?.signal, killed?.in_mode, killed?.launch_id],
      [undefined, '9', true, ''],
    );
  });

  it('read a look at a pane', () => {
    const { parse } = commands.capturePane('%1');
    const seen = parse('3,4 0 0 :/dev/pts/3,client-9 a title\nrow 1\n\nrow 3\n');
    assert.deepEqual([seen.cursor, seen.in_mode, seen.attached, seen.title], ['3,4', false, 1, 'a title']);
    assert.equal(seen.text, 'row 1\n\nrow 3\n');
    assert.ok(parse('0,0 1 0 : \n').in_mode);
    assert.ok(parse('0,0 0 1 : \n').input_off);
  });

  it('name sessions and panes exactly, and give no shell a command of one word', () => {
    const session = { session: 'courier_main', launch_id: 'l-1', argv: ['/opt/my agent'], env: { A: 'x' }, cwd: '/w' };
    const { input, cwd } = commands.newSession(3, session);
    assert.ok(input?.includes(`'--' '/bin/sh' '-c' 'exec "$0"' '/opt/my agent'`));
    assert.ok(input?.includes("'=courier_main:'") && !input.includes('/w'));
    assert.equal(cwd, '/w');
    assert.ok(commands.newSession(3, { ...session, argv: ['a', 'b'] }).input?.includes("'--' 'a' 'b'"));
    assert.ok(commands.killSession(3, 'courier_main').input?.includes("'=courier_main'"));
    const { args } = attachArgs('/opt/tmux', { version: '1.0', folder_id: 'f', path: '/w', socket: '/s' }, 'x');
    assert.deepEqual(args.slice(-2), ['-t', '=x']);
  });

  it('understand the versions that tmux calls itself by', () => {
    assert.deepEqual(parseTmuxVersion('tmux 3.3a'), [3, 3]);
    assert.deepEqual(parseTmuxVersion('tmux next-3.6'), [3, 6]);
    assert.equal(parseTmuxVersion('tmux master'), undefined);
  });
});
