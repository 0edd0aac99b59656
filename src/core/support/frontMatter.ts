/** The lines between two `---` at the start of a Markdown file, and the text after them. */
export interface FrontMatter {
  fields: Readonly<Record<string, string>>;
  body: string;
}

/** Reads front matter of the form `name: words`; indented lines go on with the one above. What has another form is passed over. */
export function readFrontMatter(text: string): FrontMatter {
  const whole = text.replace(/^\uFEFF/, '');
  const found = /^---[ \t]*\r?\n([\s\S]*?)(?:^|\r?\n)---[ \t]*(?:\r?\n|$)/m.exec(whole);
  if (found?.index !== 0) return { fields: {}, body: whole };
  const fields = new Map<string, string>();
  let last: string | undefined;
  for (const line of (found[1] ?? '').split(/\r?\n/)) {
    const field = /^([A-Za-z][\w-]*):[ \t]*(.*)$/.exec(line);
    if (field) {
      last = field[1]!.toLowerCase();
      fields.set(last, unquoted(field[2]!));
    } else if (last !== undefined && /^[ \t]+\S/.test(line)) {
      fields.set(last, `${fields.get(last)} ${line.trim()}`.trim());
    }
  }
  return { fields: Object.fromEntries(fields), body: whole.slice(found[0].length) };
}

/** A value without its quotes, and without the mark of a text that stands on the lines below. */
function unquoted(written: string): string {
  const text = written.trim();
  if (/^[>|][+-]?$/.test(text)) return '';
  const quoted = /^(["'])(.*)\1$/.exec(text);
  return quoted ? quoted[2]! : text;
}
