import { listLimit, type Mention, type PromptSummary } from './promptSummary';

function list(mentions: Mention[], total: number, none: string): string[] {
  if (total === 0) return [none];
  const lines = mentions.map(({ line, text }) => `- line ${line}: ${codeSpan(text)}`);
  return total > listLimit ? [...lines, `- … and ${total - listLimit} more`] : lines;
}

// A span that holds backticks needs a longer run of them around it.
function codeSpan(text: string): string {
  const ticks = '`'.repeat(1 + Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length)));
  const pad = text.startsWith('`') || text.endsWith('`') ? ' ' : '';
  return `${ticks}${pad}${text}${pad}${ticks}`;
}

/** The answer to a prompt, in Markdown, ending with a newline. */
export function composeAnswer(jobId: string, summary: PromptSummary): string {
  return [
    `# Demo answer to job ${jobId}`,
    '',
    "This is the Tmux Courier Demo agent's computed answer: no model and no account is behind it.",
    '',
    `The prompt begins: ${summary.firstLine === '' ? '(it is empty)' : codeSpan(summary.firstLine)}`,
    '',
    '## Counts',
    '',
    '| lines | words | characters | code fences |',
    '| --: | --: | --: | --: |',
    `| ${summary.lines} | ${summary.words} | ${summary.characters} | ${summary.fences} |`,
    '',
    '## Outline',
    '',
    ...list(summary.outline, summary.outlineTotal, 'No heading and no declaration in it.'),
    '',
    '## TODO and FIXME',
    '',
    ...list(summary.todos, summary.todosTotal, 'None.'),
    '',
  ].join('\n');
}
