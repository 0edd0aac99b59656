import type { PromptSource } from './job';

/** A stretch of a document's text, in UTF-16 units, its end not counted in. */
export interface Stretch {
  start: number;
  end: number;
}

/**
 * Where the text that a prompt was made of stands in its document now: at the lines that it was sent from, or, when they moved,
 * at the only other place. Undefined when the text is not there any more, or there more than once. What was sent may hold
 * more than the text: an instruction before it.
 */
export function findSent(text: string, sent: string, source: PromptSource): Stretch | undefined {
  for (const part of partsOf(sent)) {
    const places = placesOf(text, part);
    const atLine = places.filter(({ start }) => lineAt(text, start) === source.start_line);
    const found = atLine.length > 0 ? atLine : places;
    if (found.length === 1) return found[0];
  }
  return undefined;
}

/** What of a prompt can be the text that it was made of: all of it, then all but its first paragraph, which may be an instruction. */
function partsOf(sent: string): string[] {
  const blank = /\r?\n\r?\n/.exec(sent);
  const rest = blank ? sent.slice(blank.index + blank[0].length) : '';
  return [sent, rest].filter((part) => part.trim() !== '');
}

/** Every place of a text in another, whose line ends it takes over. */
function placesOf(text: string, part: string): Stretch[] {
  const wanted = part.replace(/\r?\n/g, text.includes('\r\n') ? '\r\n' : '\n');
  const places: Stretch[] = [];
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length))
    places.push({ start: at, end: at + wanted.length });
  return places;
}

/** The number of the line that holds a place, 1-based. */
function lineAt(text: string, place: number): number {
  return text.slice(0, place).split('\n').length;
}
