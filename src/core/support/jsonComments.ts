/** A string, or a comment of one of the two kinds. */
const parts = /"(?:[^"\\]|\\.)*"|\/\/[^\n\r]*|\/\*[\s\S]*?\*\//g;

/** A JSON text without the comments that some programs allow in it. */
export function withoutComments(text: string): string {
  return text.replace(parts, (part) => (part.startsWith('"') ? part : ' '));
}
