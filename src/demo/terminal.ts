import { type Key, KeyDecoder } from './keys';

// How long the rest of a key's sequence may take after its Esc; a bound known from every terminal program.
const escapeMs = 30;

/** What the owner of the terminal wants to hear. */
export interface TerminalEvents {
  /** All keys that came in one read. */
  keys(keys: Key[]): void;
  /** Input is over: the terminal, or the pipe, is gone. */
  closed(): void;
}

/** Takes the terminal (raw mode, bracketed paste) and gives back what returns it to its state. */
export function takeTerminal(events: TerminalEvents): () => void {
  const { stdin, stdout } = process;
  const decoder = new KeyDecoder();
  let timer: NodeJS.Timeout | undefined;
  const onData = (chunk: string) => {
    clearTimeout(timer);
    const keys = decoder.push(chunk);
    if (keys.length > 0) events.keys(keys);
    if (decoder.undecided) timer = setTimeout(() => events.keys(decoder.flush()), escapeMs);
  };
  stdin.setEncoding('utf8');
  stdin.on('data', onData).once('end', events.closed).once('error', events.closed);
  stdout.on('error', events.closed);
  if (stdin.isTTY) stdin.setRawMode(true);
  if (stdout.isTTY) stdout.write('\x1b[?2004h');
  let taken = true;
  return () => {
    if (!taken) return;
    taken = false;
    clearTimeout(timer);
    stdin.off('data', onData).pause();
    if (stdout.isTTY) stdout.write('\x1b[?2004l');
    if (stdin.isTTY) stdin.setRawMode(false);
  };
}
