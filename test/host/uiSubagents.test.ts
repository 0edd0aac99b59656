import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { waitFor } from '../support/waitFor';
import { deleteSessions, file, Person, sessions, workspace } from './uiSupport';

describe("New Session with Claude Code's own agents", () => {
  let person: Person;
  const run = () => vscode.commands.executeCommand('courier.newSession');
  const found = (name: string) =>
    waitFor(async () => (await sessions()).find(({ metadata }) => metadata.name === name)?.metadata, {
      what: `the session ${name}`,
    });
  beforeEach(() => {
    person = new Person();
  });
  afterEach(async () => {
    await fs.rm(path.join(await workspace(), '.claude'), { recursive: true, force: true });
    await deleteSessions(person);
    person.leave();
  });

  it('offers them after the agent is chosen, and keeps which one the session is', async () => {
    await file('.claude/agents/looker.md', '---\nname: looker\ndescription: Looks $(zap)\n---\nYou look.\n');
    person.choose('Claude Code', 'looker');
    person.answer('showInputBox', () => 'as looker');
    await run();
    const [, second] = person.of('showQuickPick');
    const rows = second?.args[0] as vscode.QuickPickItem[];
    assert.deepEqual(
      rows.map(({ label }) => label),
      ['Claude Code', "This folder's agents", 'looker'],
    );
    assert.equal(rows[2]?.detail, 'Looks \\$(zap)');
    assert.equal((await found('as looker')).subagent, 'looker');
  });

  it('makes a plain session when none of them is chosen, and none at all when it is escaped', async () => {
    await file('.claude/agents/looker.md', '---\nname: looker\n---\nYou look.\n');
    person.choose('Claude Code', 'Claude Code');
    person.answer('showInputBox', () => 'plain');
    await run();
    assert.equal((await found('plain')).subagent, undefined);
    const before = (await sessions()).length;
    let asked = 0;
    person.answer('showQuickPick', (rows: readonly unknown[]) => (asked++ === 0 ? rows[0] : undefined));
    await run();
    assert.equal(asked, 2);
    assert.equal((await sessions()).length, before);
  });

  it('asks nothing more where there are none, nor for the Demo agent', async () => {
    person.choose('Claude Code');
    await run();
    assert.equal(person.of('showQuickPick').length, 1);
    await file('.claude/agents/looker.md', '---\nname: looker\n---\nYou look.\n');
    person.choose('Demo');
    await run();
    assert.equal(person.of('showQuickPick').length, 2);
  });
});
