import * as fs from 'node:fs/promises';
import * as v from 'valibot';
import { Id, idPattern } from '../model/ids';
import { CourierError } from '../support/errors';
import { makeWay, readJson, writeJson } from './jsonFile';
import type { UserState } from './userState';

const pattern = v.pipe(
  v.string(),
  v.maxLength(500, 'is longer than 500 characters'),
  v.check((text) => {
    try {
      new RegExp(text, 'm');
      return true;
    } catch {
      return false;
    }
  }, 'is not a regular expression'),
);
const seconds = (fallback: number, min = 0) =>
  v.optional(v.pipe(v.number(), v.minValue(min), v.maxValue(604_800)), fallback);

/** A key by tmux's name, or one printable character: nothing that tmux would read as more than one key, or as a command. */
const key = v.pipe(
  v.string(),
  v.regex(
    /^(?:Enter|Space|Escape|Tab|BTab|BSpace|Up|Down|Left|Right|Home|End|PPage|NPage|[CM]-[a-z]|[!-:<-~])$/,
    'is no key',
  ),
);
const keys = v.pipe(v.array(key), v.minLength(1), v.maxLength(32));

/** A dialog of a custom agent: what ends its screen then, and the only keys that may be pressed in it. */
const CustomDialog = v.object({
  pattern,
  kind: v.optional(v.picklist(['permission', 'trust', 'login', 'update', 'usage_limit', 'unknown']), 'unknown'),
  /** What a person reads; left out, the words that the pattern matched. */
  text: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(500))),
  choices: v.pipe(
    v.array(v.object({ id: Id, label: v.pipe(v.string(), v.minLength(1), v.maxLength(100)), keys })),
    v.maxLength(9),
    v.check((choices) => new Set(choices.map(({ id }) => id)).size === choices.length, 'two choices have one id'),
  ),
});

/** The kinds of agents: those that are there with no settings, by their ids, and any other command. */
export const agentTypes = ['claude', 'codex', 'gemini', 'opencode', 'demo', 'custom'] as const;

/** What a user may say of an agent. `command`, `args` and `env` are the user's alone: no workspace can set them. */
export const AgentSettings = v.looseObject({
  type: v.optional(v.picklist(agentTypes)),
  title: v.optional(v.string()),
  command: v.optional(v.string()),
  args: v.optional(v.array(v.string()), []),
  env: v.optional(v.record(v.pipe(v.string(), v.regex(/^[A-Za-z_][A-Za-z0-9_]*$/)), v.string()), {}),
  /** Claude Code's permission mode. */
  permission_mode: v.optional(v.picklist(['default', 'acceptEdits', 'plan', 'dontAsk', 'auto', 'bypassPermissions'])),
  /** For a custom agent: what the last lines of its screen look like when it takes input, and while it works. */
  ready_pattern: v.optional(pattern),
  busy_pattern: v.optional(pattern),
  /** For a custom agent: what stands below our line when its turn has ended; quiet time doesn't count then. */
  done_pattern: v.optional(pattern),
  /** For a custom agent: the line that is typed for a job, in place of ours. */
  instruction: v.optional(
    v.pipe(
      v.string(),
      v.maxLength(500),
      v.regex(/^[A-Za-z][\x20-\x7e]*$/, 'is no line of plain characters that begins with a letter'),
      v.check((line) => line.includes('{prompt}') && line.includes('{output}'), 'lacks {prompt} or {output}'),
    ),
  ),
  /** For a custom agent: the keys that submit a line; Enter when nothing is said. */
  submit_keys: v.optional(keys),
  /** For a custom agent: what its arguments end with when it goes on after its program ended. */
  resume_args: v.optional(v.pipe(v.array(v.string()), v.minLength(1))),
  dialogs: v.optional(v.pipe(v.array(CustomDialog), v.maxLength(20))),
  interrupt_key: v.optional(v.picklist(['Escape', 'C-c']), 'C-c'),
  /** For a custom agent: seconds of an unchanged screen and output that count as the end of its turn. */
  quiet_time_s: seconds(5, 0.1),
  /** Why none of this can be used, when something in it could not be; nothing else stands here then. */
  refused: v.optional(v.string()),
});
export type AgentSettings = v.InferOutput<typeof AgentSettings>;

const refusedAgent = (refused: string) => ({ ...v.parse(AgentSettings, {}), refused });

/** The agents, by their ids. One that can't be used is refused by itself, and the others stay. */
const Agents = v.pipe(
  v.record(
    v.string(),
    v.fallback(AgentSettings, (dataset) => refusedAgent(whyRefused(dataset?.issues?.[0]))),
  ),
  v.transform((agents) =>
    Object.fromEntries(
      Object.entries(agents).map(([id, agent]) => [id, idPattern.test(id) ? agent : refusedAgent(noId)]),
    ),
  ),
);

const noId = 'its name has other signs than letters, digits, - and _, or is longer than 64 characters';

/** What is wrong, without the value, which may be a secret. */
function whyRefused(issue: v.BaseIssue<unknown> | undefined): string {
  if (!issue) return 'its settings can not be read';
  const place = v.getDotPath(issue) ?? 'its value';
  const message = issue.message.replace(/ but received .*$/s, '');
  return /^[a-z]/.test(message) ? `${place} ${message}` : `${place}: ${message}`;
}

/** `config.json` in the user's own state: written by the extension, read by the command line and the monitor. */
export const Settings = v.looseObject({
  version: v.literal('1.0'),
  directory: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^[A-Za-z0-9._-]+(\/[A-Za-z0-9._-]+)*$/),
      v.check((d) => !/(^|\/)\.\.?(\/|$)/.test(d)),
    ),
    '.courier',
  ),
  tmux_path: v.optional(v.string(), 'tmux'),
  tmux_prefix: v.optional(v.pipe(v.string(), v.regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/)), 'courier_'),
  default_agent: v.optional(Id, 'claude'),
  /** Where jobs run: in a window, or in a monitor that lives without one. */
  monitor: v.optional(v.picklist(['window', 'background']), 'window'),
  max_concurrent_jobs: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(64)), 4),
  /** Seconds of silence after which a job times out; 0 is never. */
  job_timeout_s: seconds(300),
  /** Seconds that a job may take in all; 0 is no limit. */
  job_total_timeout_s: seconds(0),
  /** Upper bounds of waits for a receipt, in seconds. */
  start_timeout_s: seconds(60, 1),
  accept_timeout_s: seconds(10, 0.1),
  /** Seconds between two looks at everything, for events that the system lost. */
  scan_interval_s: seconds(2, 0.1),
  use_polling: v.optional(v.boolean(), false),
  /** Clean Up offers prompts and answers of jobs that ended more than so many days ago; 0 keeps all. */
  keep_days: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(36_500)), 0),
  /** Whether what a pane shows is kept in the session's logs. */
  log_pane: v.optional(v.boolean(), false),
  /** How often a runner says that it lives, and its silence after which another takes over, in seconds; at least three heartbeats. */
  heartbeat_s: seconds(2, 0.05),
  takeover_after_s: seconds(8, 0.1),
  /** Whether a session that was lost is started again without being asked. */
  auto_recover: v.optional(v.boolean(), true),
  /** Seconds before each such try; there are as many tries in 15 minutes. */
  recover_delays_s: v.optional(v.array(seconds(0)), [1, 5, 30]),
  agents: v.optional(Agents, {}),
});
export type Settings = v.InferOutput<typeof Settings>;

/** The settings when the user has said nothing. */
export function defaultSettings(): Settings {
  return v.parse(Settings, { version: '1.0' });
}

/** Reads the user's settings; defaults when there is no file. Throws for a file that can't be read, and leaves it as it is. */
export async function readSettings(user: UserState): Promise<Settings> {
  // Whoever keeps such files elsewhere has a link here.
  const read = await readJson(Settings, await fs.realpath(user.config).catch(() => user.config));
  if (read.kind === 'ok') return read.value;
  if (read.kind === 'missing') return defaultSettings();
  throw new CourierError(
    'settings',
    `The settings can't be used: ${read.message}. Mend or remove the file; VS Code writes it again from its own settings.`,
  );
}

/** Writes the user's settings for the command line and the monitor. What can't be read there is set aside, which `say` is told; throws `newer` for a later version's. */
export async function writeSettings(
  user: UserState,
  settings: Settings,
  say: (message: string) => void = () => {},
  now = Date.now(),
): Promise<void> {
  await user.ensureRoot();
  const said: string[] = [];
  const free = await makeWay(Settings, user.config, now, (message) => said.push(message));
  if (!free) throw new CourierError('newer', said.join());
  await writeJson(user.config, settings);
  for (const message of said) say(message);
}
