import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createAgent } from '../../src/core/agents/registry';
import type { AgentCourier } from '../support/agentCourier';
import { installCli } from '../support/installCli';
import { answer, byMarker } from '../support/messagesTurns';
import { OpencodeCourier, opencodeCli, opencodeEnv } from '../support/opencodeCourier';

describe('OpenCode: the conversations in its database', function () {
  this.timeout(120_000);
  let agent: AgentCourier | undefined;
  before(function () {
    this.timeout(600_000);
    installCli(opencodeCli);
  });
  afterEach(async () => {
    await agent?.stop();
    agent = undefined;
  });

  it('are the last used hundred of this folder that persons began, with what was said first', async () => {
    agent = await OpencodeCourier.create({ script: byMarker({}, answer()) });
    const { courier, home } = agent;
    const env = opencodeEnv(home);
    const db = (query: string) =>
      execFileSync(installCli(opencodeCli), ['db', '--pure', query], { env, cwd: home, stdio: 'pipe' });
    const id = (n: number) => `ses_ddd36a1a4ffe${String(n).padStart(14, '0')}`;
    const folder = courier.workspace;
    const session = (n: number, { dir = folder, parent = 'null', archived = 'null', title = `Talk ${n}` } = {}) =>
      `('${id(n)}', 'global', ${parent}, 's', '${dir}', '${title}', '1', ${n}, ${n}, ${archived})`;
    const odd = [
      session(2001, { dir: `${folder}/below` }),
      session(2002, { dir: folder.toUpperCase() }),
      session(2003, { parent: `'${id(1)}'` }),
      session(2004, { archived: '5' }),
      session(2005),
    ];
    const all = [
      ...Array.from({ length: 150 }, (_, n) => session(n)),
      session(1000, { title: 'x'.repeat(5000) }),
      ...odd,
    ];
    const user = '{"role":"user"}';
    const messages: [role: string, ...parts: string[]][] = [
      ['{"role":"assistant"}', '{"type":"text","text":"It said."}'],
      ['no JSON', '{"type":"text","text":"Odd."}'],
      [
        user,
        'no JSON',
        '{"type":"text","synthetic":true,"text":"Added."}',
        '{"type":"file"}',
        '{"type":"text","text":"Typed."}',
      ],
      [user, '{"type":"text","text":"Later."}'],
    ];
    const said = messages.map(([role], at) => `('m${at}', '${id(1000)}', ${at}, ${at}, '${role}')`);
    const parts = messages.flatMap(([, ...texts], at) =>
      texts.map((text, i) => `('p${at}-${i}', 'm${at}', '${id(1000)}', 1, 1, '${text}')`),
    );
    for (const query of [
      "insert or ignore into project (id, worktree, time_created, time_updated, sandboxes) values ('global', '/', 1, 1, '[]')",
      `insert into session (id, project_id, parent_id, slug, directory, title, version, time_created, time_updated, time_archived) values ${all.join(', ')}`,
      // All but the one that is not begun have a message.
      `insert into message select 'a' || id, id, 9, 9, '${user}' from session where id != '${id(2005)}'`,
      `insert into message values ${said.join(', ')}`,
      `insert into part values ${parts.join(', ')}`,
    ])
      db(query);

    const profile = createAgent('opencode', courier.settings, { node: '', script: '' });
    const found = await profile.conversations!(folder);
    const [first, ...others] = found;
    const running = { kind: 'no' };
    assert.deepEqual(first, { id: id(1000), title: 'x'.repeat(1000), firstPrompt: 'Typed.', updatedAt: 1000, running });
    assert.deepEqual(
      others.map((one) => [one.id, one.title, one.firstPrompt, one.updatedAt]),
      Array.from({ length: 99 }, (_, i) => [id(149 - i), `Talk ${149 - i}`, undefined, 149 - i]),
    );
    const only = await profile.conversations!(folder, id(3));
    assert.deepEqual([only.length, only[0]?.id, only[0]?.title], [1, id(3), 'Talk 3'], 'an older one by its id');
    for (const n of [2001, 2002, 2003, 2004, 2005, 9999])
      assert.deepEqual(await profile.conversations!(folder, id(n)), []);
  });
});
