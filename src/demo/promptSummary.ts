import { createReadStream } from 'node:fs';
import { type ModeName, modesInLine } from './modes';
import { findPrompt } from './promptRange';

/** A line of the prompt that is worth naming; `line` counts from 1. */
export interface Mention {
  line: number;
  text: string;
}

/** What is known of a prompt after it was read once. Lists hold at most `listLimit` entries; totals count all. */
export interface PromptSummary {
  lines: number;
  words: number;
  characters: number;
  fences: number;
  firstLine: string;
  outline: Mention[];
  outlineTotal: number;
  todos: Mention[];
  todosTotal: number;
  modes: Map<ModeName, string>;
}

/** How many entries a list of the answer holds. */
export const listLimit = 50;

// Of a longer line only this much is looked at for headings, declarations and TODOs; it is counted in full.
const headLimit = 4096;
const fence = /^\s{0,3}(`{3,}|~{3,})/;
const heading = /^ {0,3}#{1,6}\s+\S/;
const todo = /\b(?:TODO|FIXME)\b/;
const declaration =
  /^\s*(?:export\s+|default\s+|declare\s+|public\s+|abstract\s+|async\s+|pub\s+)*(?:function\b\*?\s*[\w$]+\s*[(<]|(?:class|interface|enum|struct|trait)\s+[\w$]+\s*(?:$|[{(:<]|extends\b|implements\b)|const\s+[\w$]+\s*[=:]|type\s+[\w$]+.*=|(?:def|fn|func)\s+[\w$]+\s*[(<])/;

class MentionList {
  readonly first: Mention[] = [];
  total = 0;

  add(line: number, text: string): void {
    this.total += 1;
    if (this.first.length < listLimit) this.first.push({ line, text: text.trim().slice(0, 160) });
  }
}

/** Reads a prompt piece by piece, holding no more than a line's beginning. */
export class PromptReader {
  private lines = 0;
  private words = 0;
  private characters = 0;
  private fences = 0;
  private openFence = '';
  private inWord = false;
  private head = '';
  private lineBegun = false;
  private firstLine: string | undefined;
  private codeOutsideFences = false;
  private readonly headings = new MentionList();
  private readonly declarations = new MentionList();
  private readonly todos = new MentionList();
  private readonly modes = new Map<ModeName, string>();

  /** Takes the next piece, cut anywhere. */
  write(text: string): void {
    this.count(text);
    let from = 0;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', from)) {
      this.keepHead(text, from, at);
      this.endLine();
      from = at + 1;
    }
    if (from < text.length) {
      this.lineBegun = true;
      this.keepHead(text, from, text.length);
    }
  }

  /** Ends the prompt and tells what it holds. */
  end(): PromptSummary {
    if (this.lineBegun) this.endLine();
    const isCode = this.codeOutsideFences || this.headings.total === 0;
    const outline = isCode ? this.declarations : this.headings;
    return {
      lines: this.lines,
      words: this.words,
      characters: this.characters,
      fences: this.fences,
      firstLine: this.firstLine ?? '',
      outline: outline.first,
      outlineTotal: outline.total,
      todos: this.todos.first,
      todosTotal: this.todos.total,
      modes: this.modes,
    };
  }

  private count(text: string): void {
    let inWord = this.inWord;
    let words = 0;
    let lowSurrogates = 0;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      const isSpace = code === 32 || (code >= 9 && code <= 13) || code === 0xa0 || code === 0x3000;
      if (!isSpace && !inWord) words += 1;
      inWord = !isSpace;
      if (code >= 0xdc00 && code <= 0xdfff) lowSurrogates += 1;
    }
    this.inWord = inWord;
    this.words += words;
    this.characters += text.length - lowSurrogates;
  }

  private keepHead(text: string, from: number, to: number): void {
    const room = headLimit - this.head.length;
    if (room > 0) this.head += text.slice(from, Math.min(to, from + room));
  }

  private endLine(): void {
    const line = this.head.trimEnd();
    this.head = '';
    this.lineBegun = false;
    this.lines += 1;
    if (line === '') return;
    this.firstLine ??= line.trim().slice(0, 160);
    if (todo.test(line)) this.todos.add(this.lines, line);
    if (line.includes('demo-mode:')) for (const [name, value] of modesInLine(line)) this.modes.set(name, value);
    if (this.passFence(line)) return;
    if (this.openFence === '' && heading.test(line)) this.headings.add(this.lines, line);
    else if (declaration.test(line)) {
      this.declarations.add(this.lines, line);
      this.codeOutsideFences ||= this.openFence === '';
    }
  }

  private passFence(line: string): boolean {
    const mark = fence.exec(line)?.[1];
    if (mark === undefined) return false;
    if (this.openFence === '') {
      this.openFence = mark;
      this.fences += 1;
    } else if (mark.startsWith(this.openFence) && line.trim() === mark) this.openFence = '';
    return true;
  }
}

/** Reads the prompt of a prompt file as a stream: memory stays small whatever its size. */
export async function summarizePrompt(path: string, signal?: AbortSignal): Promise<PromptSummary> {
  const { start, end } = await findPrompt(path, signal);
  const reader = new PromptReader();
  if (end > start) {
    const pieces = createReadStream(path, { encoding: 'utf8', start, end: end - 1, highWaterMark: 64 * 1024, signal });
    for await (const piece of pieces as AsyncIterable<string>) reader.write(piece);
  }
  return reader.end();
}
