/** A fenced block of a Markdown text; `language` is the fence's first word, or empty. */
export interface CodeBlock {
  language: string;
  code: string;
}

const fence = /^ {0,3}(`{3,}|~{3,})[ \t]*([^\s`]*)[^\n`]*$/;

/** The fenced code blocks of a Markdown text, in their order; one that is not closed ends with the text. */
export function codeBlocks(markdown: string): CodeBlock[] {
  const blocks: CodeBlock[] = [];
  let open: { mark: string; language: string; lines: string[] } | undefined;
  const close = () => {
    if (open) blocks.push({ language: open.language, code: open.lines.map((line) => `${line}\n`).join('') });
    open = undefined;
  };
  for (const line of markdown.replace(/\r?\n$/, '').split(/\r?\n/)) {
    const [, mark, language = ''] = fence.exec(line) ?? [];
    if (!open && mark) open = { mark, language, lines: [] };
    else if (open && mark && language === '' && mark.startsWith(open.mark)) close();
    else open?.lines.push(line);
  }
  close();
  return blocks;
}
