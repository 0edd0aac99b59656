import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { idPattern } from '../model/ids';
import { Answer, type Reply } from '../model/request';
import type { AgentPane } from '../sessions/agentPane';
import { readJson, writeJson } from '../store/jsonFile';
import { namesIn } from '../store/userState';
import { messageOf } from '../support/errors';
import type { RequestContext } from './context';

/** Takes the answers to dialogs that a person gave, from the user's own folder. A late one, whose dialog is gone, presses nothing. */
export async function takeAnswers(context: RequestContext): Promise<void> {
  const { answers, answersDone } = context.folder;
  for (const name of await namesIn(answers)) {
    const id = name.slice(0, -'.json'.length);
    if (!name.endsWith('.json') || !idPattern.test(id)) continue;
    // A runner that has been superseded may not take an answer away from the one that can give it.
    await context.guard();
    const read = await readJson(Answer, path.join(answers, name));
    if (read.kind === 'missing') continue;
    let reply: Reply = { version: '1.0', id, ok: true };
    try {
      const problem = read.kind === 'ok' ? await press(context, read.value) : read.message;
      if (problem) reply = { ...reply, ok: false, error: problem };
    } catch (error) {
      reply = { ...reply, ok: false, error: messageOf(error) };
    }
    await writeJson(path.join(answersDone, name), reply);
    await fs.rm(path.join(answers, name), { force: true, recursive: true });
  }
}

/** Presses what the answer names; returns why nothing was pressed. */
async function press(context: RequestContext, answer: Answer): Promise<string | undefined> {
  const pane = paneOf(context, answer.target);
  if (!pane) return `"${answer.target}" waits for nothing.`;
  const dialog = pane.attention.dialog(answer.dialog_id);
  if (!dialog) return 'That dialog is gone, or another one has taken its place; nothing was pressed.';
  const choice = dialog.choices.find((one) => one.id === answer.choice);
  if (!choice)
    return `There is no choice "${answer.choice}"; there is ${dialog.choices.map((one) => one.id).join(', ') || 'none, so answer it in the terminal'}.`;
  if (!(await pane.choose(dialog, choice.keys))) return 'The screen has moved on; nothing was pressed.';
  context.log.info(`${answer.target}: ${dialog.kind} was answered with "${choice.label}"`);
  return undefined;
}

function paneOf(context: RequestContext, target: string): AgentPane | undefined {
  return context.sessions.get(target)?.pane ?? context.runs.get(target)?.pane;
}
