import type { Job } from '../../core/model/job';
import { findPromptText, readBeginning } from '../../core/runner/promptFile';
import { CourierError } from '../../core/support/errors';
import type { CourierFolder } from '../courierFolder';
import { t } from '../l10n';
import { findFile } from '../openFile';

/** The beginning of a text; `cut` says that it goes on. */
export interface Beginning {
  text: string;
  cut: boolean;
}

/** Larger texts than this, in bytes, are opened in an editor, and not worked with. */
const workable = 5 * 1024 * 1024;

/** The first bytes of a job's answer. Throws when it is not there. */
export async function beginningOfAnswer(folder: CourierFolder, job: Job, most: number): Promise<Beginning> {
  return readBeginning({ file: (await findFile(folder, job.output_path)).fsPath }, most);
}

/** The first bytes of a person's own words in a job's prompt file. Throws when they are not there. */
export async function beginningOfPrompt(folder: CourierFolder, job: Job, most: number): Promise<Beginning> {
  const range = await findPromptText((await findFile(folder, job.prompt_path)).fsPath);
  if (!range) throw new CourierError('no_marks', t('The marks around the prompt are gone from {0}.', job.prompt_path));
  return readBeginning(range, most);
}

/** The whole text of a job's answer. Throws when it is not there, or too large to be worked with. */
export async function readAnswer(folder: CourierFolder, job: Job): Promise<string> {
  return whole(await beginningOfAnswer(folder, job, workable), job.output_path);
}

/** As `readAnswer`, of the person's own words in the prompt file. */
export async function readPrompt(folder: CourierFolder, job: Job): Promise<string> {
  return whole(await beginningOfPrompt(folder, job, workable), job.prompt_path);
}

function whole({ text, cut }: Beginning, name: string): string {
  if (cut) throw new CourierError('too_large', t('{0} is too large for this. Open it in an editor instead.', name));
  return text;
}
