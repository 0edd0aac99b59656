import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { idPattern } from '../model/ids';
import { Answer, type Reply } from '../model/request';
import type { AgentPane } from '../sessions/agentPane';
import { writeReply } from '../store/inbox';
import { readJson, setAside } from '../store/jsonFile';
import { fewNamesIn } from '../store/userState';
import { messageOf } from '../support/errors';
import type { RequestContext } from './context';

/** Takes the answers to dialogs that a person gave, from the user's own folder. A late one, whose dialog is gone, presses nothing. */
export async function takeAnswers(context: RequestContext): Promise<void> {
  const { answers, answersDone } = context.folder;
  for (const name of fewNamesIn(answers)) {
    const id = name.slice(0, -'.json'.length);
    if (!name.endsWith('.json') || !idPattern.test(id)) continue;
    // A runner that has been superseded may not take an answer away from the one that can give it.
    await context.guard();
    try {
      await take(context, id, path.join(answers, name), path.join(answersDone, name));
    } catch (error) {
      // One file that can't be handled may not keep all else from being done.
      context.log.error(`${path.join(answers, name)} could not be taken`, error);
    }
  }
}

async function take(context: RequestContext, id: string, file: string, done: string): Promise<void> {
  const read = await readJson(Answer, file);
  if (read.kind === 'missing') return;
  let reply: Reply = { version: '1.0', id, ok: true };
  if (read.kind === 'ok' && isEarly(context, read.value)) return;
  try {
    const problem = read.kind === 'ok' ? await give(context, read.value) : await refuse(context, read.message, file);
    if (problem) reply = { ...reply, ok: false, error: problem };
  } catch (error) {
    reply = { ...reply, ok: false, error: messageOf(error) };
  }
  await writeReply(done, reply, context.clock.now());
  await fs.rm(file, { force: true });
}

/** Whether an answer came before the pane of a session that was just taken over was looked at; then it waits for that. */
function isEarly(context: RequestContext, { target, dialog_id }: Answer): boolean {
  const pane = paneOf(context, target);
  if (!pane?.attention.isUnlooked(dialog_id)) return false;
  const once = pane.onDidChange(() => {
    once.dispose();
    context.wake();
  });
  return true;
}

async function refuse(context: RequestContext, problem: string, file: string): Promise<string> {
  const message = `${problem}. It was set aside as ${await setAside(file, context.clock.now())}.`;
  context.log.warn(message);
  return message;
}

/** Does what the answer names; returns why nothing was done. */
async function give(context: RequestContext, answer: Answer): Promise<string | undefined> {
  const pane = paneOf(context, answer.target);
  if (!pane) return `"${answer.target}" waits for nothing.`;
  const dialog = pane.attention.dialog(answer.dialog_id);
  if (!dialog) return 'That dialog is gone, or another one has taken its place; nothing was decided or pressed.';
  const choice = dialog.choices.find((one) => one.id === answer.choice);
  if (!choice)
    return `There is no choice "${answer.choice}"; there is ${dialog.choices.map((one) => one.id).join(', ') || 'none, so answer it in the terminal'}.`;
  if (!(await pane.choose(dialog, choice)))
    return 'It was answered already, here or in the terminal, or its screen has moved on; nothing was decided or pressed. If it still stands, answer it in the terminal.';
  context.log.info(`${answer.target}: ${dialog.kind} was answered with "${choice.label}"`);
  return undefined;
}

function paneOf(context: RequestContext, target: string): AgentPane | undefined {
  return context.sessions.get(target)?.pane ?? context.runs.get(target)?.pane;
}
