import { CourierError } from '../support/errors';
import { readFrontMatter } from '../support/frontMatter';

/** The variables that a template may name as `${name}`, each with what it stands for. */
export const variables = {
  selection: 'the selected text, or the whole file when nothing is selected',
  file: "the file's path, from the workspace folder",
  language: "the file's language",
  lineRange: 'the lines of the selection, such as 10-42',
  diagnostics: 'the problems that the editor shows in those lines',
  gitDiff: 'what changed in the workspace folder since the last commit',
  clipboard: 'the text in the clipboard',
} as const;
export type PlainVariable = keyof typeof variables;
export type Variable = PlainVariable | `input:${string}`;

/** A prompt template: `parts` are its words, with variables between them. */
export interface Template {
  title: string;
  description?: string;
  parts: readonly (string | { variable: Variable })[];
}

/** What stands between `${` and `}`; `$${` is those characters themselves. */
const pattern = /\$\$\{|\$\{([^{}\r\n]*)\}/g;

/** Makes a template of a file's text; its title is the front matter's, else `name`. Throws `bad_template` when a variable is unknown. */
export function parseTemplate(text: string, name: string): Template {
  const { fields, body } = readFrontMatter(text);
  const parts: (string | { variable: Variable })[] = [];
  const unknown = new Set<string>();
  let at = 0;
  for (const found of body.matchAll(pattern)) {
    parts.push(body.slice(at, found.index));
    at = found.index + found[0].length;
    const written = found[1];
    if (written === undefined) parts.push(found[0].slice(1));
    else if (isVariable(written)) parts.push({ variable: written });
    else unknown.add(found[0]);
  }
  parts.push(body.slice(at));
  if (unknown.size > 0) throw unknownVariables(name, [...unknown]);
  if (body.trim() === '') throw new CourierError('bad_template', `The template "${name}" has no words in it.`);
  const { title, description } = fields;
  return { title: title || name, ...(description ? { description } : {}), parts: parts.filter((part) => part !== '') };
}

/** The variables that a template uses, once each, in their order. */
export function variablesOf(template: Template): Variable[] {
  return [...new Set(template.parts.flatMap((part) => (typeof part === 'string' ? [] : [part.variable])))];
}

/** The prompt of a template. Values stand as they are: what looks like a variable in one of them is text. */
export function fillTemplate(template: Template, values: ReadonlyMap<Variable, string>): string {
  const words = template.parts.map((part) => {
    if (typeof part === 'string') return part;
    const value = values.get(part.variable);
    if (value === undefined) throw new Error(`no value for ${part.variable}`);
    return value;
  });
  return words.join('');
}

function isVariable(name: string): name is Variable {
  return Object.hasOwn(variables, name) || /^input:\s*\S.{0,100}$/.test(name);
}

function unknownVariables(name: string, unknown: string[]): CourierError {
  const known = [...Object.keys(variables), 'input:NAME'].join(', ');
  const words = unknown.length === 1 ? 'a variable that there is not' : 'variables that there are not';
  return new CourierError(
    'bad_template',
    `The template "${name}" names ${words}: ${unknown.join(', ')}. There are: ${known}. To have such characters themselves, write $$ for the $.`,
  );
}
