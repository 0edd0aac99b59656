import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { findSubagents } from '../../src/core/agents/subagents';
import { makeTempDir, type TempDir } from '../support/tempDir';

describe("Claude Code's own agents", () => {
  let temp: TempDir;
  const env = () => ({ HOME: path.join(temp.path, 'home') });
  const define = async (dir: string, file: string, text: string) => {
    const folder = path.join(temp.path, dir, 'agents');
    await fs.mkdir(folder, { recursive: true });
    await fs.writeFile(path.join(folder, file), text);
  };
  const find = (own?: { env: Record<string, string> }) => findSubagents(path.join(temp.path, 'work'), own, env());
  beforeEach(async () => {
    temp = await makeTempDir();
  });
  afterEach(() => temp.remove());

  it("are the folder's, which go before the user's own of that name", async () => {
    await define('work/.claude', 'b.md', '---\nname: both\ndescription: here\n---\nx');
    await define('work/.claude', 'a.md', '---\nname: here\ntools: Read, Grep\n---\nx');
    await define('home/.claude', 'c.md', '---\nname: both\ndescription: there\n---\nx');
    await define('home/.claude', 'd.md', '---\nname: mine\ntools:\n  - Read\n  - Write\n---\nx');
    assert.deepEqual(await find(), [
      { name: 'both', description: 'here', from: 'workspace', writes: true },
      { name: 'here', from: 'workspace', writes: false },
      { name: 'mine', from: 'user', writes: true },
    ]);
  });

  it("are found where the user's settings for the agent put its configuration", async () => {
    await define('config', 'a.md', '---\nname: moved\n---\nx');
    const found = await find({ env: { CLAUDE_CONFIG_DIR: path.join(temp.path, 'config') } });
    assert.deepEqual(
      found.map(({ name }) => name),
      ['moved'],
    );
  });

  it('are none without a name that may be an argument', async () => {
    await define('work/.claude', 'a.md', '---\nname: --dangerously-skip-permissions\n---\nx');
    await define('work/.claude', 'b.md', '---\nname: two words\n---\nx');
    await define('work/.claude', 'c.md', 'no front matter');
    await define('work/.claude', 'd.txt', '---\nname: no-markdown\n---\nx');
    await fs.mkdir(path.join(temp.path, 'work/.claude/agents/e.md'));
    assert.deepEqual(await find(), []);
  });

  it('are none where there is no folder of them', async () => {
    assert.deepEqual(await find(), []);
  });
});
