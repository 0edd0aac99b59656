import assert from 'node:assert/strict';
import * as v from 'valibot';
import { plainLog } from '../../src/core/diagnostics/logLines';
import { plainArguments, plainSettings, Redactor } from '../../src/core/diagnostics/redact';
import { Settings } from '../../src/core/store/settings';

describe('what diagnostics leave out', () => {
  it('is the value of every variable whose name looks like a secret, wherever it stands', () => {
    const redactor = new Redactor(
      { API_KEY: 'abc"def\\ghi', HOME: '/home/me', GH_TOKEN: 'abc"def\\ghijk', DB_PASSWORD: 'hunter22', X_TOKEN: 'on' },
      { my_secret: 'sesame-open' },
    );
    assert.equal(redactor.text('a abc"def\\ghijk b abc"def\\ghi on hunter22'), 'a (removed) b (removed) on (removed)');
    assert.deepEqual(redactor.json({ a: ['x sesame-open', 1, null, true], hunter22: { b: '/home/me' } }), {
      a: ['x (removed)', 1, null, true],
      '(removed)': { b: '/home/me' },
    });
    assert.equal(redactor.text('see https://me:pw@host/x'), 'see https://(removed)@host/x');
  });

  it('is every value of an environment, and arguments that may be secrets or prompts', () => {
    const agents = { claude: { env: { ANY: 'thing' }, args: ['--model', 'opus', '--api-key', 'k1'] } };
    const shown = JSON.stringify(plainSettings(v.parse(Settings, { version: '1.0', agents })));
    assert.match(shown, /"ANY":"\(removed\)"/);
    assert.match(shown, /"--model","opus","--api-key","\(removed\)"/);
    assert.deepEqual(
      plainArguments(['--token=abc', '--dangerously-skip-permissions', 'A_SECRET=1', '--x=a b', 'a b']),
      ['--token=(removed)', '--dangerously-skip-permissions', 'A_SECRET=(removed)', '--x=(removed)', '(removed)'],
    );
    for (const key of ['sk-ant-api03-abc', 'ghp_0123456789', '0123456789abcdef0123456789abcdef']) {
      assert.deepEqual(plainArguments([key]), ['(removed)'], key);
    }
    assert.deepEqual(plainArguments(['/usr/local/bin/x', '--port', '8080']), ['/usr/local/bin/x', '--port', '8080']);
  });

  it('is all of a log that others said', () => {
    const time = '2026-11-22T10:00:00.000Z';
    const log = [
      `${time} info stopped → folder_created`,
      `${time} info j-1: pending (session, demo)`,
      `${time} info j-1: Bash cat /etc/passwd`,
      `${time} warn j-1: failed (agent_exited: Demo ended (exit status 1; its last words: my prompt`,
      'second row of my prompt',
      `${time} info ready → lost: my prompt`,
      `${time} info cleaned up: the files of 12 jobs`,
      'my prompt',
    ].join('\n');
    assert.deepEqual(plainLog(log, ['j-1', 'demo']).split('\n'), [
      `${time} info stopped → folder_created`,
      `${time} info j-1 : pending ( session , demo )`,
      `${time} info j-1 : …`,
      `${time} warn j-1 : failed ( agent_exited : …`,
      `${time} info ready → lost : …`,
      `${time} info cleaned up : the files of 12 jobs`,
      '',
    ]);
  });
});
