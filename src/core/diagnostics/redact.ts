import type { Settings } from '../store/settings';

/** What stands in the place of something that was taken out. */
export const removed = '(removed)';

const secretName = /KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL|AUTH/i;
/** A shorter value is no secret, and would be found in every other word. */
const shortest = 6;

/** Takes the values of secret-looking environment variables, and what stands before the `@` of a URL, out of any text. */
export class Redactor {
  private readonly secrets: string[];

  constructor(...environments: Readonly<Record<string, string | undefined>>[]) {
    const named = environments.flatMap((env) => Object.entries(env)).filter(([name]) => secretName.test(name));
    const values = named.flatMap(([, value]) => (value !== undefined && value.length >= shortest ? [value] : []));
    // The longest first: one may hold another.
    this.secrets = [...new Set(values)].sort((a, b) => b.length - a.length);
  }

  text(text: string): string {
    const without = this.secrets.reduce((rest, secret) => rest.replaceAll(secret, removed), text);
    return without.replace(/(\w:\/\/)[^\s/@]+@/g, `$1${removed}@`);
  }

  /** The same for every string in a JSON value, names too. */
  json(value: unknown): unknown {
    if (typeof value === 'string') return this.text(value);
    if (Array.isArray(value)) return value.map((one) => this.json(one));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [this.text(name), this.json(one)]));
  }
}

/** The settings without values of environment variables, and without arguments that could be secrets or prompts. */
export function plainSettings(settings: Settings): unknown {
  const agents = Object.entries(settings.agents).map(([id, agent]) => {
    const env = Object.fromEntries(Object.keys(agent.env).map((name) => [name, removed]));
    return [id, { ...agent, env, args: plainArguments(agent.args) }];
  });
  return { ...settings, agents: Object.fromEntries(agents) };
}

/** Arguments as a person may show them: flags, and short plain values. */
export function plainArguments(args: readonly string[]): string[] {
  return args.map((arg, i) => {
    const before = args[i - 1] ?? '';
    if (before.startsWith('-') && !before.includes('=') && secretName.test(before) && !arg.startsWith('-'))
      return removed;
    const [name, ...value] = arg.split('=');
    if (value.length > 0 && (secretName.test(name!) || !isPlain(value.join('='))))
      return `${isPlain(name!) ? name : ''}=${removed}`;
    return isPlain(arg) ? arg : removed;
  });
}

/** Neither words (a prompt) nor a long run of letters and digits (a key). */
function isPlain(text: string): boolean {
  if (/\s/.test(text)) return false;
  return (
    text.split(/[/\\.:,-]/).every((part) => part.length < 20) && !/^(sk|ghp|gho|xox.|pk|AKIA|eyJ)[-_A-Z0-9]/.test(text)
  );
}
