import { readFileSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import * as v from 'valibot';
import type { AgentSettings } from '../store/settings';
import { namesIn } from '../store/userState';
import { CourierError, hasCode, messageOf } from '../support/errors';
import { homeOf } from '../support/executablePlaces';
import { withoutComments } from '../support/jsonComments';
import type { Launch, LaunchContext } from './agent';
import { hookCommand } from './receipts';

/**
 * Gemini CLI (0.61.0) takes hooks from settings files alone, and of those that the environment may name it reads only such as
 * nobody but root may write. So each launch has a HOME of its own (`GEMINI_CLI_HOME`): its settings.json is the user's as it
 * is at that moment, with our hooks added; all else are links to the user's own. It writes most files in place, through a
 * link. Over two it renames: where that matters, for the trusted folders, the environment names the user's own file;
 * projects.json it makes out again by the marks in `tmp` and `history`.
 */
export interface Home {
  dir: string;
  gemini: string;
}

/** The user's own. */
export interface OwnHome extends Home {
  trustedFolders: string;
}

/** Where Gemini CLI keeps what is the user's own: `~/.gemini`, or what GEMINI_CLI_HOME says in the agent's environment. */
export function ownHome(settings: Pick<AgentSettings, 'env'>, env: NodeJS.ProcessEnv = process.env): OwnHome {
  const own = { ...env, ...settings.env };
  const dir = own.GEMINI_CLI_HOME || homeOf(own);
  const gemini = path.join(dir, '.gemini');
  return {
    dir,
    gemini,
    trustedFolders: own.GEMINI_CLI_TRUSTED_FOLDERS_PATH || path.join(gemini, 'trustedFolders.json'),
  };
}

/** Folders that it makes itself at its start, or with a permission that is to last: conversations must outlive the launch. */
const folders = ['tmp', 'history', 'policies'];

/** What it writes that may not be there yet: a login, a token, what it was told to remember. */
const files = [
  'oauth_creds.json',
  'google_accounts.json',
  'gemini-credentials.json',
  'mcp-oauth-tokens.json',
  'a2a-oauth-tokens.json',
  'installation_id',
  'state.json',
  'trusted_hooks.json',
  'GEMINI.md',
];

/** Makes the HOME of a launch in its folder, all but its settings. Of the user's own only empty folders are made, where they are missing. */
export async function linkHome(own: OwnHome, launchDir: string): Promise<Home> {
  const dir = path.join(launchDir, 'home');
  const home = { dir, gemini: path.join(dir, '.gemini') };
  await fs.mkdir(home.gemini, { recursive: true, mode: 0o700 });
  for (const name of folders) await fs.mkdir(path.join(own.gemini, name), { recursive: true, mode: 0o700 });
  const names = (await namesIn(own.gemini)).filter((name) => name !== 'settings.json' && !/\.(lock|tmp)$/.test(name));
  for (const name of new Set([...names, ...files]))
    await fs.symlink(path.join(own.gemini, name), path.join(home.gemini, name));
  for (const name of ['.agents', '.env']) await fs.symlink(path.join(own.dir, name), path.join(dir, name));
  return home;
}

/** Its hook events, of which the end of a turn comes alike for one that failed or was interrupted. */
const events = ['SessionStart', 'BeforeAgent', 'BeforeTool', 'Notification', 'AfterAgent', 'SessionEnd'];

const group = v.fallback(v.optional(v.record(v.string(), v.unknown()), {}), {});
const list = v.fallback(v.optional(v.array(v.unknown()), []), []);

/** What we read of the user's settings.json; all of it is handed on. */
const UserSettings = v.looseObject({
  hooks: group,
  hooksConfig: group,
  ide: group,
  ui: group,
  context: v.fallback(
    v.optional(
      v.looseObject({
        fileFiltering: v.fallback(v.optional(v.looseObject({ customIgnoreFilePaths: list }), {}), {
          customIgnoreFilePaths: [],
        }),
      }),
      {},
    ),
    { fileFiltering: { customIgnoreFilePaths: [] } },
  ),
});

/** The settings of a launch, and the file by which the session's own prompts and answers may be read though git ignores them. */
export function geminiSettings(own: OwnHome, home: Home, context: LaunchContext): Launch['files'] {
  const user = readUserSettings(path.join(own.gemini, 'settings.json'));
  const ignores = path.join(context.launch.dir, 'ignore');
  const { fileFiltering } = user.context;
  const hooks = events.map((event) => {
    const before = user.hooks[event];
    const ours = { hooks: [{ type: 'command', name: 'courier', command: hookCommand }] };
    return [event, [...(Array.isArray(before) ? before : []), ours]] as const;
  });
  const settings = {
    ...user,
    hooks: { ...user.hooks, ...Object.fromEntries(hooks) },
    // By the title it is seen whether a turn runs, by the logo that it has begun.
    ui: { ...user.ui, hideWindowTitle: false, dynamicWindowTitle: true, hideBanner: false },
    // Else it may ask whether it is to be connected with this editor.
    ide: { ...user.ide, hasSeenNudge: true },
    context: {
      ...user.context,
      fileFiltering: {
        ...fileFiltering,
        // It takes them as relative to the folder; of several the first counts most.
        customIgnoreFilePaths: [path.relative(context.workspace, ignores), ...fileFiltering.customIgnoreFilePaths],
        // Without .geminiignore it doesn't ask the files that are named here whether git's may be overruled.
        ...(fileFiltering.respectGeminiIgnore === false ? { respectGitIgnore: false } : {}),
      },
    },
  };
  return [
    { path: path.join(home.gemini, 'settings.json'), text: `${JSON.stringify(settings, null, 2)}\n` },
    { path: ignores, text: `${notIgnored(context).join('\n')}\n` },
  ];
}

function readUserSettings(file: string): v.InferOutput<typeof UserSettings> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
    text = '{}';
  }
  let value: v.InferOutput<typeof UserSettings>;
  try {
    const read: unknown = JSON.parse(withoutComments(text));
    if (Array.isArray(read)) throw new Error('it holds a list');
    value = v.parse(UserSettings, read);
  } catch (error) {
    throw new CourierError(
      'start_failed',
      `${file} holds no settings that can be read (${messageOf(error)}), and Gemini CLI doesn't start with such a file. It was left as it is; mend it, then start again.`,
      { cause: error },
    );
  }
  if (value.hooksConfig.enabled !== false) return value;
  throw new CourierError(
    'start_failed',
    `Hooks are turned off in ${file} (hooksConfig.enabled), and by nothing else can be known what Gemini CLI does. Nothing was started; turn them on, then start again.`,
  );
}

/** Patterns that take the folders of the session's prompts and answers, and those above them, out of what is ignored. */
function notIgnored({ workspace, session }: LaunchContext): string[] {
  const patterns = new Set<string>();
  for (const dir of [session.prompts, session.output]) {
    let above = '';
    for (const name of path.relative(workspace, dir).split(path.sep)) {
      above += `/${name.replace(/[\\*?[\]!# ]/g, '\\$&')}`;
      patterns.add(`!${above}/`);
    }
    patterns.add(`!${above}/**`);
  }
  return [...patterns];
}
