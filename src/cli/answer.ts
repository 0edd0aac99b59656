import type { Command } from 'commander';
import { openFolder } from '../core/store/folder';
import { readSnapshot } from '../core/store/snapshot';
import { type FolderOptions, openContext, parseId, withFolder } from './context';
import { refusedError } from './exitCodes';
import { findChoice, findWaiting } from './findWaiting';
import { note, plain, print, printJson } from './print';
import { dialogLines } from './progress';
import { checkReply } from './request';
import { whileRunning } from './runnerKeeper';

/** `courier answer`: answers a dialog by naming one of its choices. */
export function registerAnswer(program: Command): void {
  const command = program
    .command('answer')
    .description('answer the dialog that a session or a fresh job waits with; without a choice, show it')
    .argument('<session>', 'the session id, or the id of a job', parseId)
    .argument('[choice]', 'the id of a choice')
    .option('--dialog <id>', 'answer only this dialog, and no later one', parseId);
  withFolder(command, { json: true }).action(
    async (id: string, named: string | undefined, options: FolderOptions & { dialog?: string }) => {
      const context = await openContext(options);
      const { layout, user, clock, client } = context;
      await openFolder(layout, user, clock);
      const found = findWaiting(await readSnapshot(layout, user, clock, { historyLimit: 20 }), id);
      const { target, waiting } = found;
      if (options.dialog && options.dialog !== waiting.dialog_id) {
        throw refusedError(`The dialog ${options.dialog} is gone; ${target} now waits with ${waiting.dialog_id}.`);
      }
      if (named === undefined) {
        if (options.json) printJson(waiting);
        else print(plain(dialogLines(context, target, waiting).join('\n')));
        return;
      }
      const answer = { target, dialog_id: waiting.dialog_id, choice: findChoice(found, named) };
      checkReply(await whileRunning(context, () => client.answer(answer)));
      note(`${target} is answered: ${answer.choice}.`);
    },
  );
}
