import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import type { Screen, ScreenState } from '../../src/core/agents/agent';
import { readScreen as readClaude } from '../../src/core/agents/claude';
import { readScreen as readCodex } from '../../src/core/agents/codexScreen';
import { readScreen as readGemini } from '../../src/core/agents/geminiScreen';
import { readScreen as readOpencode } from '../../src/core/agents/opencodeScreen';

/** The recorded screens of an agent, and how it reads them. */
interface Agent {
  name: string;
  read(screen: Screen): ScreenState;
  /** The title during a turn, which a CLI of a new release may still set. */
  working: string;
  /** The title at all other times, where that tells. */
  idle?: string;
}

const agents: Agent[] = [
  { name: 'claude', read: readClaude, working: '⠐ project' },
  { name: 'codex', read: readCodex, working: '⠦ folder' },
  { name: 'gemini', read: readGemini, working: '✦  Working… (folder)', idle: '◇  Ready (folder)' },
  { name: 'opencode', read: readOpencode, working: 'OC | folder' },
];

const folder = (name: string) => path.resolve('test/fixtures/screens', name);

/** Every word and every sign that is no letter, each of which a new release may put another one for. */
const tokens = /[\p{L}\p{N}]+|[^\p{L}\p{N}\s]/gu;
const tokensOf = (text: string) => [...new Set(text.match(tokens) ?? [])];

/** What a token becomes: a word another word, a sign another sign. */
const others = (token: string) =>
  /[\p{L}\p{N}]/u.test(token) ? ['zq'.repeat(token.length).slice(0, token.length)] : ['*', ' '];

/** A recorded screen with one of its words or signs changed, everywhere. */
function* changed(text: string): Generator<[what: string, text: string]> {
  for (const token of tokensOf(text))
    for (const other of others(token)) {
      const replaced = text.replace(tokens, (one) => (one === token ? other : one));
      yield [`"${token}" is "${other}"`, replaced];
    }
}

describe('a release that changes its screens', () => {
  for (const { name, read, working, idle = 'folder' } of agents)
    for (const file of readdirSync(folder(name)).filter((one) => one.endsWith('.txt') && !one.includes('.ansi.'))) {
      it(`${name}, ${file}: each change is seen as before, or as unknown`, () => {
        const text = readFileSync(path.join(folder(name), file), 'utf8');
        const isWorking = /working|queued|retrying|^exited\.txt$/.test(file);
        // Where the text of OpenCode's new conversation begins, and that of one with a turn.
        const cursor = /^(ready|login)/.test(file) && file !== 'ready-after-turn.txt' ? '66,25' : '5,44';
        const look = (words: string) => read({ text: words, title: isWorking ? working : idle, cursor });
        const before = look(text);
        const wrong: string[] = [];
        for (const [what, words] of changed(text)) {
          const after = look(words);
          if (after.kind !== 'unknown' && after.kind !== before.kind)
            wrong.push(`${what}: ${before.kind} → ${after.kind}`);
          if (after.kind !== 'dialog' || before.kind !== 'dialog') continue;
          // Whatever is offered then presses what it pressed before.
          const keys = new Map(before.dialog.choices.map(({ id, keys }) => [id, keys.join()]));
          for (const choice of after.dialog.choices) {
            const own = keys.get(choice.id);
            if (own !== undefined && own !== choice.keys.join())
              wrong.push(`${what}: ${choice.id} presses ${choice.keys}`);
          }
        }
        assert.deepEqual(wrong, []);
      });
    }
});
