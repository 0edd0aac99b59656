import { idPattern } from '../model/ids';
import { block, line, lineOf } from './syntax';

/** A call of tmux as data: its arguments, what it reads, and how its output is understood. */
export interface TmuxCall<T> {
  args: string[];
  /** A command file, so that neither length nor secrets stand in the argument list. */
  input?: string;
  /** The folder that a session started by this call begins in (`-c` would expand formats, shared facts row 8). */
  cwd?: string;
  /** Variables that the calling tmux has on top of its own. */
  env?: Record<string, string>;
  /** The same as one line for a control client. Of a call that only asks nothing is changed, so that it may be made again. */
  control?: { line: string; asks: boolean };
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
  /** Our own mark of the launch, as it was set when the pane was made; empty for a pane that has none. */
  launch_id: string;
  /** tmux's own id of the session (`$3`), which no name can be taken for. */
  session_id: string;
  /** When the session was made, in seconds since the epoch. */
  created: number;
  /** Whether the pane's text is piped to a program. */
  piped: boolean;
  title: string;
}

/** What the gate answers when it refuses; nothing was typed, started or killed then. */
export const refused = 'COURIER-REFUSED';

// Not a tab: a client without a UTF-8 locale gets `_` for it. What an agent can set comes last: it may hold anything.
const separator = '::';
const paneFormat = [
  '#{session_name}',
  '#{pane_id}',
  '#{pane_pid}',
  '#{pane_dead}',
  '#{pane_dead_status}',
  '#{pane_dead_signal}',
  '#{pane_in_mode}',
  '#{session_attached_list}',
  '#{pid}',
  '#{session_id}',
  '#{session_created}',
  '#{pane_pipe}',
  '#{@courier_launch}',
  '#{pane_title}',
].join(separator);

/** Of the clients in a list, those on a terminal: a person's have its path for a name, ours (ControlClient) `client-` and a number. */
const people = (clients = '') => clients.split(',').filter((name) => name.includes('/')).length;

const done = () => undefined;

/** Every pane of the server, in one call. */
export function listPanes(): TmuxCall<Pane[]> {
  const args = ['list-panes', '-a', '-F', paneFormat];
  const control = { line: lineOf(args), asks: true };
  return { args, control, parse: (stdout) => stdout.split('\n').flatMap(parsePane) };
}

function parsePane(text: string): Pane[] {
  const [session, pane_id, pid, dead, status, signal, inMode, attached, serverPid, ...rest] = text.split(separator);
  const [session_id, created, piped, launch_id, ...title] = rest;
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
      attached: people(attached),
      server_pid: Number(serverPid),
      launch_id: launch_id && idPattern.test(launch_id) ? launch_id : '',
      session_id: session_id ?? '',
      created: Number(created),
      piped: piped === '1',
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
  const format =
    '#{cursor_x},#{cursor_y},#{history_size} #{pane_in_mode} #{pane_input_off} :#{session_attached_list} #{pane_title}';
  const head = ['display-message', '-p', '-t', paneId, format];
  const args = [...head, ';', 'capture-pane', '-p', '-J', '-t', paneId, '-S', history > 0 ? `-${history}` : '0'];
  return {
    args,
    control: { line: lineOf(args), asks: true },
    parse: (stdout) => {
      const end = stdout.indexOf('\n');
      const [cursor = '', mode, off, attached, ...title] = stdout.slice(0, end).split(' ');
      return {
        cursor,
        in_mode: mode !== '0',
        input_off: off === '1',
        attached: people(attached?.slice(1)),
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
  /** A shell command that gets all that the pane shows, from its first byte. */
  pipe?: string;
}

/** tmux gives a command of one word to a shell, which would stay under it; this one is replaced by the program at once. */
const direct = (argv: string[]) => (argv.length === 1 ? ['/bin/sh', '-c', 'exec "$0"', ...argv] : argv);

/** Over `-e`, tmux gives what it starts the PATH of the client that asks (measured, 3.3a). */
const pathOf = ({ PATH }: Record<string, string>) => (PATH === undefined ? {} : { env: { PATH } });

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
    ...(session.pipe === undefined ? [] : [line('pipe-pane', '-t', target, session.pipe)]),
    accepted,
  ];
  return {
    args: ['start-server', ';', 'source-file', '-'],
    input: guarded(notNewerThan(epoch), lines),
    cwd: session.cwd,
    ...pathOf(session.env),
    parse: wasAccepted,
  };
}

/** What is run in a pane that stands already. `launch_id` marks it from then on; undefined takes the mark away. */
export type Respawn = Pick<NewSession, 'argv' | 'env' | 'pipe'> & { launch_id: string | undefined };

/**
 * Puts another program in a pane's place, through the gate: same pane, same folder, and whoever is attached stays so. The
 * program before it has its terminal taken away (SIGHUP), which it may survive.
 */
export function respawnPane(
  epoch: number,
  pane: { pane_id: string; launch_id: string },
  { argv, env, launch_id, pipe }: Respawn,
): TmuxCall<boolean> {
  const target = ['-t', pane.pane_id];
  const variables = Object.entries(env).flatMap(([name, value]) => ['-e', `${name}=${value}`]);
  const mark =
    launch_id === undefined ? ['-u', ...target, '@courier_launch'] : [...target, '@courier_launch', launch_id];
  const gate = all([`#{==:#{@courier_owner},${epoch}}`, `#{==:#{@courier_launch},${pane.launch_id}}`]);
  const lines = [
    line('respawn-pane', '-k', ...target, ...variables, '--', ...direct(argv)),
    // What the program before it said may not be taken for this one's last words.
    line('clear-history', ...target),
    line('set-option', '-p', ...mark),
    ...(pipe === undefined ? [] : [line('pipe-pane', ...target, pipe)]),
    accepted,
  ];
  return {
    args: ['source-file', '-'],
    input: guarded(gate, lines, pane.pane_id),
    ...pathOf(env),
    parse: wasAccepted,
  };
}

/** Pipes what a pane shows to a shell command, or to nothing any more; only a pane of this launch. */
export function pipePane(
  epoch: number,
  pane: Pick<Pane, 'pane_id' | 'launch_id'>,
  command?: string,
): TmuxCall<boolean> {
  const words = ['pipe-pane', '-t', pane.pane_id, ...(command === undefined ? [] : [command])];
  const gate = all([notNewerThan(epoch), `#{==:#{@courier_launch},${pane.launch_id}}`, '#{==:#{pane_dead},0}']);
  const input = guarded(gate, [line(...words), accepted], pane.pane_id);
  return { args: ['source-file', '-'], input, parse: wasAccepted };
}

/** Kills a session, unless a newer epoch owns the server. */
export function killSession(epoch: number, session: string): TmuxCall<boolean> {
  const lines = [line('kill-session', '-t', `=${session}`), accepted];
  return { args: ['source-file', '-'], input: guarded(notNewerThan(epoch), lines), parse: wasAccepted };
}

/** Kills a session by tmux's own id of it (`$3`), unless a newer epoch owns the server. */
export function killSessionById(epoch: number, sessionId: string): TmuxCall<boolean> {
  const lines = [line('kill-session', '-t', sessionId), accepted];
  return { args: ['source-file', '-'], input: guarded(notNewerThan(epoch), lines), parse: wasAccepted };
}

/** What can be sent to a pane: text as it is, named keys, or the end of a copy mode that nobody looks at. */
export type Typing = { text: string } | { keys: string[] } | { leaveMode: true };

/** Sends to a pane through the gate: the owner, the launch, a live pane that takes input, all tested in the same call as it is sent. */
export function type(epoch: number, pane: { pane_id: string; launch_id: string }, what: Typing): TmuxCall<boolean> {
  const mode =
    'leaveMode' in what
      ? ['#{!=:#{pane_in_mode},0}', '#{==:#{m:*/*,#{session_attached_list}},0}']
      : ['#{==:#{pane_in_mode},0}'];
  const gate = all([
    // For a pane that isn't there, tmux looks at the one that the client is at, if it is at any.
    `#{==:#{pane_id},${pane.pane_id}}`,
    `#{==:#{@courier_owner},${epoch}}`,
    `#{==:#{@courier_launch},${pane.launch_id}}`,
    '#{==:#{pane_dead},0}',
    '#{==:#{pane_input_off},0}',
    ...mode,
  ]);
  const lines = [sending(pane.pane_id, what), accepted];
  return {
    args: ['source-file', '-'],
    input: guarded(gate, lines, pane.pane_id),
    control: { line: guarded(gate, [lines.join(' ; ')], pane.pane_id).replaceAll('\n', ' '), asks: false },
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
