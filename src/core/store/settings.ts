import * as v from 'valibot';
import { Id } from '../model/ids';
import { CourierError } from '../support/errors';
import { readJson, writeJson } from './jsonFile';
import type { UserState } from './userState';

const pattern = v.pipe(
  v.string(),
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

/** What a user may say of an agent. `command`, `args` and `env` are the user's alone: no workspace can set them. */
export const AgentSettings = v.looseObject({
  type: v.optional(v.picklist(['claude', 'demo', 'custom'])),
  title: v.optional(v.string()),
  command: v.optional(v.string()),
  args: v.optional(v.array(v.string()), []),
  env: v.optional(v.record(v.pipe(v.string(), v.regex(/^[A-Za-z_][A-Za-z0-9_]*$/)), v.string()), {}),
  /** Claude Code's permission mode. */
  permission_mode: v.optional(v.picklist(['default', 'acceptEdits', 'plan', 'dontAsk', 'auto', 'bypassPermissions'])),
  /** For a custom agent: what the last lines of its screen look like when it takes input, and while it works. */
  ready_pattern: v.optional(pattern),
  busy_pattern: v.optional(pattern),
  interrupt_key: v.optional(v.picklist(['Escape', 'C-c']), 'C-c'),
  /** For a custom agent: seconds of an unchanged screen and output that count as the end of its turn. */
  quiet_time_s: seconds(5, 0.1),
});
export type AgentSettings = v.InferOutput<typeof AgentSettings>;

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
  agents: v.optional(v.record(Id, AgentSettings), {}),
});
export type Settings = v.InferOutput<typeof Settings>;

/** The settings when the user has said nothing. */
export function defaultSettings(): Settings {
  return v.parse(Settings, { version: '1.0' });
}

/** Reads the user's settings; defaults when there is no file. Throws for a file that can't be read, and leaves it as it is. */
export async function readSettings(user: UserState): Promise<Settings> {
  const read = await readJson(Settings, user.config);
  if (read.kind === 'ok') return read.value;
  if (read.kind === 'missing') return defaultSettings();
  throw new CourierError(
    'settings',
    `The settings can't be used: ${read.message}. Mend or remove the file; VS Code writes it again from its own settings.`,
  );
}

/** Writes the user's settings for the command line and the monitor. */
export async function writeSettings(user: UserState, settings: Settings): Promise<void> {
  await user.ensureRoot();
  await writeJson(user.config, settings);
}
