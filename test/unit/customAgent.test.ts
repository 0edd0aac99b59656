import assert from 'node:assert/strict';
import * as v from 'valibot';
import { custom } from '../../src/core/agents/custom';
import { instructionFor } from '../../src/core/runner/instruction';
import { AgentSettings } from '../../src/core/store/settings';
import { makeJob } from '../support/coreFixtures';

const agentOf = (more: object) => custom('mine', v.parse(AgentSettings, { command: 'x', ...more }));
const see = (more: object, text: string) => agentOf(more).readScreen({ text, title: '', cursor: '' });
const choices = [{ id: 'yes', label: 'Yes', keys: ['y', 'Enter'] }];

describe('what the settings of a custom agent say', () => {
  it('takes keys and dialogs that are strict, and nothing else', () => {
    const fits = (more: object) => v.safeParse(AgentSettings, more).success;
    for (const key of ['Enter', 'C-c', 'M-b', 'y', '1', '~', '!']) assert.ok(fits({ submit_keys: [key] }), key);
    for (const key of [';', '', ' ', 'yes', 'C-C', 'C-', 'é', '\n', 'F1\n', '-t', 'Enter '])
      assert.ok(!fits({ submit_keys: [key] }), JSON.stringify(key));
    assert.ok(fits({ dialogs: [{ pattern: 'x', choices }] }));
    assert.ok(!fits({ dialogs: [{ pattern: '(', choices }] }));
    assert.ok(!fits({ dialogs: [{ pattern: 'x', choices: [...choices, ...choices] }] }), 'one id twice');
    assert.ok(!fits({ submit_keys: [] }) && !fits({ done_pattern: 'x'.repeat(501) }));
  });

  it('believes a dialog at the end of the screen alone', () => {
    const more = { dialogs: [{ pattern: 'Sure\\? \\[y/n\\]', kind: 'permission', choices }] };
    const seen = see(more, 'some\nSure? [y/n] \n\n');
    assert.deepEqual(seen, { kind: 'dialog', dialog: { kind: 'permission', text: 'Sure? [y/n]', choices } });
    assert.equal(see(more, 'Sure? [y/n] y\nok\n> ').kind, 'ready', 'it was answered');
    assert.equal(see({ dialogs: [{ pattern: 'x*', choices }] }, '> ').kind, 'ready', 'nothing was matched');
  });

  it('takes a line of its own with both files in it, and types it with their paths', () => {
    const fits = (instruction: string) => v.safeParse(AgentSettings, { instruction }).success;
    assert.ok(fits('wc {prompt} > {output}'));
    for (const line of [
      'wc {prompt}',
      '{prompt} {output}',
      '1 {prompt} {output}',
      'a {prompt}\n{output}',
      'é {prompt} {output}',
    ])
      assert.ok(!fits(line), line);
    const job = makeJob('j-1', { prompt_path: 'p/$&.md', output_path: 'o.md' });
    assert.equal(instructionFor(job, 'do {job} {prompt} {output} {other}'), 'do j-1 p/$&.md o.md {other}');
  });

  it('knows a line of its own on the screen, wherever it is wrapped', () => {
    const more = { instruction: 'say("{prompt}", "{output}")', done_pattern: 'done' };
    const done = (text: string) => {
      const state = see(more, text);
      return state.kind === 'ready' && state.done;
    };
    const line = 'say("a/done/p.md", "a/do\nne/o.md")';
    assert.equal(done(`done\n> ${line}\n> `), false);
    assert.equal(done(`> ${line}\ndone\n> `), true);
  });

  it('takes for the end of a turn only what stands below the line', () => {
    const line = 'Job j-1: please read it; I want it done. Write it and end your turn when that fi\nle is complete.';
    const done = (text: string) => {
      const state = see({ done_pattern: 'done' }, text);
      return state.kind === 'ready' && state.done;
    };
    assert.equal(done(`done\n> ${line}\n> `), false);
    assert.equal(done(`> ${line}\ndone\n> `), true);
    assert.equal(agentOf({}).readScreen({ text: '> ', title: '', cursor: '' }).kind, 'ready');
  });
});
