import assert from 'node:assert/strict';
import * as vscode from 'vscode';

describe('activation', () => {
  const extension = () => {
    const found = vscode.extensions.getExtension('tmux-courier.tmux-courier');
    assert.ok(found, 'VS Code has the extension');
    return found;
  };

  it('activates in a folder', async () => {
    await extension().activate();
    assert.equal(extension().isActive, true);
  });

  it('registers every command that package.json declares', async () => {
    await extension().activate();
    const declared: { command: string }[] = extension().packageJSON.contributes?.commands ?? [];
    const registered = new Set(await vscode.commands.getCommands(true));
    assert.notEqual(declared.length, 0, 'package.json declares commands');
    assert.deepEqual(
      declared.map((c) => c.command).filter((c) => !registered.has(c)),
      [],
    );
  });

  it('runs on the VS Code that was asked for', () => {
    if (vscode.env.appHost === 'desktop' && process.env.TEST_VSCODE !== 'oldest') return;
    const [major, minor] = vscode.version.split('.').map(Number);
    assert.equal(major, 1);
    assert.equal(minor === 100, process.env.TEST_VSCODE === 'oldest');
  });
});
