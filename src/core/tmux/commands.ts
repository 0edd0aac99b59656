import { block, line } from './syntax';

/** A call of tmux as data: its arguments, what it reads, and how its output is understood. */
export interface TmuxCall<T> {
  args: string[];
  /** A command file, so that neither length nor secrets stand in the argument list. */
  input?: string;
  /** The folder that a session started by this call begins in (`-c` would expand formats, shared facts row 8). */
  cwd?: string;
  parse(stdout: string): T;
}

/** A pane as tmux lists it. Each of our sessions has one window with one pane. */
export interface Pane {
  session: string;
  pane_id: string;
  pid: number;
  dead: boolean;
  /** Exit status of a dead pane's program; undefined when a signal ended it. */
  exit_status?: number;
  signal?: string;
  in_mode: boolean;
  attached: number;
  server_pid: number;
  /** Our own mark of the launch, as it was set when the pane was made. */
  launch_id: string;
  title: string;
}

/** What the gate answers when it refuses; nothing was typed, started or killed then. */
export const refused = 'COURIER-REFUSED';

// Not a tab: a client without a UTF-8 locale gets `_` for it. The title comes last, since it may hold anything.
const separator = '::';
const paneFormat = [
  '#{session_name}',
  '#{pane_id}',
  '#{pane_pid}',
  '#{pane_dead}',
  '#{pane_dead_status}',
  '#{pane_dead_signal}',
  '#{pane_in_mode}',
  '#{session_attached}',
  '#{pid}',
  '#{@courier_launch}',
  '#{pane_title}',
].join(separator);

const done = () => undefined;

/** Every pane of the server, in one call. */
export function listPanes(): TmuxCall<Pane[]> {
  return { args: ['list-panes', '-a', '-F', paneFormat], parse: (stdout) => stdout.split('\n').flatMap(parsePane) };
}

function parsePane(text: string): Pane[] {
  const [session, pane_id, pid, dead, status, signal, inMode, attached, serverPid, launch_id, ...title] =
    text.split(separator);
  if (!session || !pane_id?.startsWith('%')) return [];
  return [
    {
      session,
      pane_id,
      pid: Number(pid),
      dead: dead === '1',
      ...(status ? { exit_status: Number(status) } : {}),
      ...(signal ? { signal } : {}),
      in_mode: inMode !== '0' && inMode !== '',
      attached: Number(attached),
      server_pid: Number(serverPid),
      launch_id: launch_id ?? '',
      title: title.join(separator),
    },
  ];
}

/** One look at a pane. `in_mode` is copy mode or another mode in which keys don't reach the program. */
export interface Capture {
  text: string;
  title: string;
  cursor: string;
  in_mode: boolean;
  /** Whether keys reach nobody, since somebody switched the pane's input off. */
  input_off: boolean;
  attached: number;
}

/** A pane's screen, wrapped rows joined, its title and cursor. `history` adds so many lines that scrolled away. */
export function capturePane(paneId: string, history = 0): TmuxCall<Capture> {
  const format = '#{cursor_x},#{cursor_y} #{pane_in_mode} #{pane_input_off} #{session_attached} #{pane_title}';
  const head = ['display-message', '-p', '-t', paneId, format];
  return {
    args: [...head, ';', 'capture-pane', '-p', '-J', '-t', paneId, '-S', history > 0 ? `-${history}` : '0'],
    parse: (stdout) => {
      const end = stdout.indexOf('\n');
      const [cursor = '', mode, off, attached, ...title] = stdout.slice(0, end).split(' ');
      return {
        cursor,
        in_mode: mode !== '0',
        input_off: off === '1',
        attached: Number(attached),
        title: title.join(' '),
        text: stdout.slice(end + 1),
      };
    },
  };
}

/** Marks the server as this epoch's, unless a newer one owns it, and lists its panes. */
export function claimServer(epoch: number): TmuxCall<{ owned: boolean; panes: Pane[] }> {
  const lines = guarded(notNewerThan(epoch), [line('set-option', '-g', '@courier_owner', String(epoch)), accepted]);
  const list = listPanes();
  return {
    args: ['source-file', '-', ';', ...list.args],
    input: lines,
    parse: (stdout) => ({ owned: wasAccepted(stdout), panes: list.parse(stdout) }),
  };
}

/** What a new session is made of. `argv` is run by tmux itself, with no shell between. */
export interface NewSession {
  session: string;
  launch_id: string;
  argv: string[];
  env: Record<string, string>;
  cwd: string;
}

/** tmux gives a command of one word to a shell, which would stay under it; this one is replaced by the program at once. */
const direct = (argv: string[]) => (argv.length === 1 ? ['/bin/sh', '-c', 'exec "$0"', ...argv] : argv);

/** Starts the server if need be, and in it a session with our marks and `remain-on-exit`, all in one call. */
export function newSession(epoch: number, session: NewSession): TmuxCall<boolean> {
  const target = `=${session.session}:`;
  const env = Object.entries(session.env).flatMap(([name, value]) => ['-e', `${name}=${value}`]);
  const lines = [
    line('set-option', '-g', '@courier_owner', String(epoch)),
    line('new-session', '-d', '-s', session.session, '-x', '200', '-y', '50', ...env, '--', ...direct(session.argv)),
    line('set-option', '-w', '-t', target, 'remain-on-exit', 'on'),
    // Only where there is none (-o): tmux goes on after an error, and the name may be taken by a session that lives.
    line('set-option', '-p', '-o', '-t', target, '@courier_launch', session.launch_id),
    accepted,
  ];
  return {
    args: ['start-server', ';', 'source-file', '-'],
    input: guarded(notNewerThan(epoch), lines),
    cwd: session.cwd,
    parse: wasAccepted,
  };
}

/** Kills a session, unless a newer epoch owns the server. */
export function killSession(epoch: number, session: string): TmuxCall<boolean> {
  const lines = [line('kill-session', '-t', `=${session}`), accepted];
  return { args: ['source-file', '-'], input: guarded(notNewerThan(epoch), lines), parse: wasAccepted };
}

/** What can be sent to a pane: text as it is, named keys, or the end of a copy mode that nobody looks at. */
export type Typing = { text: string } | { keys: string[] } | { leaveMode: true };

/** Sends to a pane through the gate: the owner, the launch, a live pane that takes input, all tested in the same call as it is sent. */
export function type(epoch: number, pane: { pane_id: string; launch_id: string }, what: Typing): TmuxCall<boolean> {
  const mode =
    'leaveMode' in what ? ['#{!=:#{pane_in_mode},0}', '#{==:#{session_attached},0}'] : ['#{==:#{pane_in_mode},0}'];
  const gate = all([
    `#{==:#{@courier_owner},${epoch}}`,
    `#{==:#{@courier_launch},${pane.launch_id}}`,
    '#{==:#{pane_dead},0}',
    '#{==:#{pane_input_off},0}',
    ...mode,
  ]);
  return {
    args: ['source-file', '-'],
    input: guarded(gate, [sending(pane.pane_id, what), accepted], pane.pane_id),
    parse: wasAccepted,
  };
}

function sending(paneId: string, what: Typing): string {
  if ('text' in what) return line('send-keys', '-t', paneId, '-l', '--', what.text);
  if ('keys' in what) return line('send-keys', '-t', paneId, '--', ...what.keys);
  return line('send-keys', '-t', paneId, '-X', 'cancel');
}

/** Blocks until a pane dies or a session closes, or the server ends. */
export function waitForEvent(): TmuxCall<undefined> {
  return { args: ['wait-for', 'courier'], parse: done };
}

const accepted = line('display-message', '-p', 'COURIER-DONE');
const wasAccepted = (stdout: string) => stdout.includes('COURIER-DONE');

const notNewerThan = (epoch: number) => `#{e|<=|:#{?@courier_owner,#{@courier_owner},0},${epoch}}`;
const all = (conditions: string[]): string => conditions.reduceRight((rest, one) => `#{&&:${one},${rest}}`);

function guarded(condition: string, lines: string[], target?: string): string {
  const words = ['if-shell', '-F', ...(target ? ['-t', target] : []), condition];
  return `${line(...words)} ${block(lines)} ${block([line('display-message', '-p', refused)])}\n`;
}
