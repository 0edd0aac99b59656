// A port of the seed guide (How to Implement TMUX Integration, version 1.0), its "Step-by-Step Implementation": what a
// program is told to do there to send a prompt to Claude in tmux and to wait for the answer. Every call and every sleep is
// as written; Python's subprocess.run and time.sleep are Node's execFile and a timer. The only additions: where tmux and the
// session's folder are (private ones), and a time limit that a test can afford. It runs on a profile whose dialogs are
// already accepted: on any other its three blind Enters answer "No, exit".
// What it does is slower than it need be, and loses turns of less than about 1.2 s: it takes the time of the job's start
// after it has sent the line, so that the answer to a quick turn is older than the job and never counts.
import { setTimeout as delay } from 'node:timers/promises';

export const cliCommand = 'claude --dangerously-skip-permissions';

/** In seconds, after send-keys, after Enter, and after starting Claude. */
export const tmuxSendCommandDelay = 0.3;
export const tmuxSendEnterDelay = 1.2;
export const tmuxClaudeInitDelay = 3.0;

/** In seconds. */
export const jobTimeout = 300;
export const jobMinWait = 10;

/** time.sleep. */
export const sleep = (seconds: number): Promise<void> => delay(seconds * 1000);
