import * as vscode from 'vscode';
import { lastRow, patternOf, wordsOf } from '../core/agents/readyPattern';
import type { Job } from '../core/model/job';
import { CourierError } from '../core/support/errors';
import { editProfile } from './agentForm';
import { fits, type Profile, wrongPattern } from './agentProfiles';
import { AgentTrial, type TrialServices } from './agentTrial';
import { commands } from './contributions';
import { t } from './l10n';
import type { LogChannel } from './logChannel';
import { askLine, pickOne, showInformation } from './messages';
import { isForeign } from './nodes';
import { registerCommand } from './notifications';
import type { SessionPicker } from './sessionPicker';
import { jobProblem, shortened } from './words';

export interface TryAgentServices extends TrialServices {
  log: LogChannel;
  picker: SessionPicker;
}

/** Registers Try an Agent…, which finds out with a person how an agent of their own is to be seen, and keeps what was found. */
export function registerTryAgent(services: TryAgentServices): vscode.Disposable {
  return registerCommand(services.log, commands.tryAgent, () => tryAgent(services));
}

const title = () => t('Try an Agent');

async function tryAgent(services: TryAgentServices): Promise<void> {
  const folder = await services.picker.pickFolder();
  if (!folder) return;
  if (isForeign(folder)) throw new CourierError('not_adopted', t('This folder is not adopted, so nothing was done.'));
  const line = await askLine({
    title: title(),
    prompt: t('The command and its arguments, as you start it in a terminal'),
    placeHolder: 'aider --yes-always',
    validateInput: (value) => (wordsOf(value)[0] ? undefined : t('A command is needed.')),
  });
  const words = wordsOf(line ?? '');
  if (!words[0]) return;
  const trial = await AgentTrial.of(services, folder, words);
  let isKept = false;
  try {
    isKept = await walk(trial);
  } finally {
    if (!isKept) await trial.discard();
  }
  if (!isKept) return;
  const edit = t('Edit an Agent');
  const saved = t('"{0}" is saved in your setting courier.agents, and can be chosen for new sessions.', trial.id);
  // Without a button VS Code cuts a message to one line.
  void showInformation(saved, edit).then((chosen) => {
    if (chosen) void vscode.commands.executeCommand(commands.editAgent);
  });
}

/** True when the person keeps the agent; whoever escapes a question keeps nothing. */
async function walk(trial: AgentTrial): Promise<boolean> {
  await trial.start();
  for (;;) {
    const ready_pattern = await askReady(trial);
    const end = ready_pattern === undefined ? undefined : await askEnd();
    if (ready_pattern === undefined || end === undefined) return false;
    await trial.use({ ready_pattern, done_pattern: undefined, quiet_time_s: undefined, ...end });
    let verdict: Verdict | undefined;
    do {
      if (verdict === 'more')
        await editProfile(
          title(),
          () => trial.profile,
          (change) => trial.use(change),
          true,
        );
      const job = await trial.doTestJob();
      verdict = job && (await askVerdict(trial, job));
    } while (verdict === 'more');
    if (verdict !== 'again') return verdict === 'keep';
  }
}

type Verdict = 'keep' | 'again' | 'more';

/** How its screen looks when it takes input: proposed from its last row, and tried on the screen as it is typed. */
async function askReady(trial: AgentTrial): Promise<string | undefined> {
  const row = lastRow(await trial.screen());
  return askLine({
    title: title(),
    prompt: t(
      'Its last row is "{0}" now. How does one of its last rows look when it takes input? (A regular expression)',
      row,
    ),
    value: patternOf(row),
    ignoreFocusOut: true,
    validateInput: async (value) => {
      if (value === '') return t('A pattern is needed.');
      const screen = await trial.screen();
      try {
        return trial.isReady(screen, value)
          ? said(t('Now it is seen as ready.'), vscode.InputBoxValidationSeverity.Info)
          : said(
              t('Now it is not seen as ready; its last row is "{0}".', lastRow(screen)),
              vscode.InputBoxValidationSeverity.Warning,
            );
      } catch {
        return wrongPattern();
      }
    },
  });
}

const said = (message: string, severity: vscode.InputBoxValidationSeverity) => ({ message, severity });

/** How the end of its turn is known. */
async function askEnd(): Promise<Partial<Profile> | undefined> {
  const quiet = (seconds: number) => ({
    label: t('When nothing moved for {0} seconds', seconds),
    detail: t('Its screen and its answer stand still, and it is seen as ready.'),
    end: { quiet_time_s: seconds },
  });
  const rows: (vscode.QuickPickItem & { end?: Partial<Profile> })[] = [
    ...[5, 2, 15].map(quiet),
    { label: t('When its screen says so…'), detail: t('A pattern below the line that was typed.') },
  ];
  const options = { title: title(), placeHolder: t('When is it done with a job?'), ignoreFocusOut: true };
  const chosen = await pickOne(rows, options);
  if (!chosen || chosen.end) return chosen?.end;
  const done_pattern = await askLine({
    title: title(),
    prompt: t('How does one of its last rows look when it is done? (A regular expression)'),
    ignoreFocusOut: true,
    validateInput: (value) => (value !== '' && fits({ done_pattern: value }) ? undefined : wrongPattern()),
  });
  return done_pattern === undefined ? undefined : { done_pattern };
}

/** Shows what the test job came to, and asks whether the agent is kept. */
async function askVerdict(trial: AgentTrial, job: Job): Promise<Verdict | undefined> {
  const worked = job.status === 'completed';
  const keep = {
    label: worked ? t('Save "{0}"', trial.id) : t('Save "{0}" all the same', trial.id),
    verdict: 'keep' as const,
  };
  const again = { label: t('Change how it is seen, and try again'), verdict: 'again' as const };
  const more = { label: t('Change more of it, such as its dialogs, and try again'), verdict: 'more' as const };
  const discard = { label: t('Discard it'), verdict: undefined };
  const placeHolder = worked
    ? t('It answered: {0}', shortened(await trial.answerTo(job), 80))
    : t('The test job did not work: {0}', shortened(jobProblem(job), 160));
  const rows = worked ? [keep, again, more, discard] : [again, more, keep, discard];
  return (await pickOne(rows, { title: title(), placeHolder, ignoreFocusOut: true }))?.verdict;
}
