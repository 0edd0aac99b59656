/** The modes that a prompt may ask for by a line `demo-mode: NAME[=VALUE]`. */
export const promptModes = [
  'slow',
  'two-step',
  'no-output',
  'never-output',
  'permission',
  'crash',
  'api-error',
  'one-byte',
  'freeze',
  'late-stop',
] as const;

/** The modes that make sense only from the start of the program, by `--mode`. */
export const startModes = ['swallow-enter', 'ignore-enter', 'trust', 'exit-at-once', 'forget'] as const;

/** The name of a mode. */
export type ModeName = (typeof promptModes)[number] | (typeof startModes)[number];

/** The modes that are on, each with its value, `''` when none was given. */
export type Modes = ReadonlyMap<ModeName, string>;

const defaultMs = 3000;
const numeric: Partial<Record<ModeName, number>> = {
  slow: defaultMs,
  'two-step': defaultMs,
  'late-stop': defaultMs,
  crash: 3,
  'exit-at-once': 1,
};

const isOneOf = <T extends string>(names: readonly T[], name: string): name is T =>
  (names as readonly string[]).includes(name);

/** Reads `NAME[=VALUE][,NAME…]`; throws an Error that names the first word which is no mode or has no sound value. */
export function parseModes(list: string): Map<ModeName, string> {
  const modes = new Map<ModeName, string>();
  for (const item of list.split(',').map((part) => part.trim())) {
    if (item === '') continue;
    const [name = '', ...rest] = item.split('=');
    const value = rest.join('=');
    if (!isOneOf(promptModes, name) && !isOneOf(startModes, name)) throw new Error(`no such mode: ${name}`);
    if (value !== '' && name in numeric && !/^\d{1,9}$/.test(value)) {
      throw new Error(`mode ${name} takes a whole number, not "${value}"`);
    }
    modes.set(name, value);
  }
  return modes;
}

/** The modes that one line of a prompt asks for; none when it isn't such a line, or a faulty one. */
export function modesInLine(line: string): Map<ModeName, string> {
  const list = /^\W*demo-mode:\s*([\w\-=, ]+?)\W*$/.exec(line)?.[1];
  try {
    return new Map([...parseModes(list ?? '')].filter(([name]) => isOneOf(promptModes, name)));
  } catch {
    // A prompt is a person's text and may well talk about modes without asking for one.
    return new Map();
  }
}

/** The number that goes with a mode: milliseconds or an exit code, its default when no value was given. */
export function numberOf(modes: Modes, name: ModeName): number {
  return Number(modes.get(name) || (numeric[name] ?? 0));
}
