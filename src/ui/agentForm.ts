import { lineOf, wordsOf } from '../core/agents/readyPattern';
import { CourierError } from '../core/support/errors';
import { fits, type Profile, wrongPattern } from './agentProfiles';
import { editDialogs, wrongKeys } from './dialogForm';
import { t } from './l10n';
import { askLine, pickOne } from './messages';
import { shortened } from './words';

/** What of a profile is changed; what is undefined is taken out of it. */
export type Change = Partial<Profile>;

/** One thing that may be said of an agent. */
interface Field {
  label: string;
  detail: string;
  /** How it reads in one line, empty when it is not set; undefined for what no line can say. */
  text(profile: Profile): string | undefined;
  /** Asks for it; undefined when the person escapes. */
  ask(profile: Profile): Promise<Change | undefined>;
}

/** What says how an agent is started, which one that runs doesn't take any more. */
const launch = (): Field[] => [
  lineField(
    t('Command'),
    t('The program and its arguments'),
    ({ command = '', args = [] }) => lineOf([command, ...args]),
    (text) => {
      const [command, ...args] = wordsOf(text);
      return command && { command, args: orNothing(args) };
    },
    t('A command is needed.'),
  ),
  lineField(
    t('Environment'),
    t('Variables as NAME=value, apart by blanks'),
    ({ env = {} }) => lineOf(Object.entries(env).map(([name, value]) => `${name}=${value}`)),
    (text) => {
      const all = wordsOf(text);
      if (all.some((word) => !word.includes('='))) return undefined;
      const pairs = all.map((word) => [word.split('=', 1)[0]!, word.slice(word.indexOf('=') + 1)]);
      return { env: pairs.length > 0 ? Object.fromEntries(pairs) : undefined };
    },
    t('Each is NAME=value, in quotes when it holds blanks.'),
  ),
  lineField(
    t('Resume'),
    t('What its arguments end with when it goes on after its program ended'),
    ({ resume_args = [] }) => lineOf(resume_args),
    (text) => ({ resume_args: orNothing(wordsOf(text)) }),
    t('Arguments are needed.'),
  ),
];

/** What says how an agent is seen, and how it is typed to. */
const seen = (): Field[] => [
  pattern('ready_pattern', t('Ready'), t('How one of its last rows looks when it takes input (a regular expression)')),
  pattern('busy_pattern', t('Busy'), t('How one of its last rows looks while it works (a regular expression)')),
  pattern(
    'done_pattern',
    t('Done with a job'),
    t('What stands below the typed line when it is done (a regular expression)'),
  ),
  lineField(
    t('Quiet time'),
    t('Seconds of an unchanged screen that count as the end of its turn'),
    ({ quiet_time_s }) => String(quiet_time_s ?? ''),
    (text) => ({ quiet_time_s: text === '' ? undefined : Number(text) }),
    t('A number of seconds is needed, at least 0.1.'),
  ),
  {
    label: t('Dialogs'),
    detail: t('What it may ask, and the keys of each choice'),
    text: ({ dialogs = [] }) => dialogs.map(({ pattern }) => pattern).join(' · '),
    ask: async ({ dialogs = [] }) => {
      const found = await editDialogs(dialogs);
      return found && { dialogs: orNothing(found) };
    },
  },
  lineField(
    t('Submit keys'),
    t('What submits a line, such as Enter, C-s or M-m'),
    ({ submit_keys = [] }) => submit_keys.join(' '),
    (text) => ({ submit_keys: orNothing(text.split(/\s+/).filter(Boolean)) }),
    wrongKeys(),
  ),
  lineField(
    t('Instruction'),
    t('The line that is typed for a job, with {0} and {1} in it', '{prompt}', '{output}'),
    ({ instruction = '' }) => instruction,
    (text) => ({ instruction: text === '' ? undefined : text }),
    t(
      'A line of plain characters is needed that begins with a letter and has {0} and {1} in it.',
      '{prompt}',
      '{output}',
    ),
  ),
  {
    label: t('Interrupt key'),
    detail: t('What ends its turn'),
    text: ({ interrupt_key = '' }) => interrupt_key,
    ask: async () => {
      const keys = [{ label: 'C-c' as const }, { label: 'Escape' as const }];
      const chosen = await pickOne(keys, { title: t('Interrupt key'), ignoreFocusOut: true });
      return chosen && { interrupt_key: chosen.label };
    },
  },
];

/**
 * A form of rows, one for each thing that may be said of an agent, until it is left. What is changed is taken at once by
 * `change`, as in VS Code's own settings. With `isStarted`, what a running agent doesn't take any more is left out.
 */
export async function editProfile(
  title: string,
  current: () => Profile,
  change: (change: Change) => Promise<unknown>,
  isStarted = false,
): Promise<void> {
  const fields = [...(isStarted ? [] : launch()), ...seen()];
  let placeHolder = t('What is to be changed?');
  for (;;) {
    const rows = fields.map((field) => {
      const { label, detail } = field;
      return { label, detail, description: shortened(field.text(current()) || t('not set'), 60), field };
    });
    const close = { label: t('Close'), field: undefined };
    const chosen = await pickOne([...rows, close], { title, placeHolder, ignoreFocusOut: true });
    if (!chosen?.field) return;
    const made = await chosen.field.ask(current());
    if (!made) continue;
    await change(made);
    placeHolder = t('"{0}" is saved. What else?', chosen.label);
  }
}

const orNothing = <T>(all: T[]): T[] | undefined => (all.length > 0 ? all : undefined);

/** A field that is one line of text; what the setting would not take is refused in these words as it is typed. */
function lineField(
  label: string,
  detail: string,
  text: Field['text'],
  changeOf: (text: string) => Change | '' | undefined,
  wrong: string,
): Field {
  return {
    label,
    detail,
    text,
    ask: async (profile) => {
      const value = text(profile);
      if (value === undefined)
        throw new CourierError(
          'no_line',
          t('"{0}" can not be written in one line: change it in your settings.', label),
        );
      const typed = await askLine({
        title: label,
        prompt: detail,
        value,
        ignoreFocusOut: true,
        validateInput: (line) => {
          const change = changeOf(line.trim());
          return change && fits(change) ? undefined : wrong;
        },
      });
      return typed === undefined ? undefined : changeOf(typed.trim()) || undefined;
    },
  };
}

function pattern(part: 'ready_pattern' | 'busy_pattern' | 'done_pattern', label: string, detail: string): Field {
  const wrong = wrongPattern();
  return lineField(
    label,
    detail,
    (profile) => profile[part] ?? '',
    (text) => ({ [part]: text === '' ? undefined : text }),
    wrong,
  );
}
