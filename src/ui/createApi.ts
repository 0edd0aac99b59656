import * as fs from 'node:fs/promises';
import { findJob } from '../core/store/snapshot';
import { CourierError } from '../core/support/errors';
import type { CourierApi, CourierJob, CourierSession, SendRequest } from './api';
import type { CourierFolder } from './courierFolder';
import type { FolderService } from './folderService';
import type { JobFollower } from './jobFollower';
import { t } from './l10n';
import { findFile } from './openFile';
import type { OutputOpener } from './outputOpener';
import { refusal } from './promptItem';
import type { SessionPicker } from './sessionPicker';
import { shortened } from './words';

/** What the API stands on. */
export interface ApiServices {
  folders: FolderService;
  picker: SessionPicker;
  opener: OutputOpener;
  follower: JobFollower;
}

/** Makes the API over the services. */
export function createApi(services: ApiServices): CourierApi {
  const { folders, follower } = services;
  /** Where jobs are that this API sent, which may not be in any file yet. */
  const sent = new Map<string, string>();
  const folderOf = async (jobId: string): Promise<CourierFolder> => {
    for (const folder of folders.all) {
      if (sent.get(jobId) === folder.layout.workspace || folder.job(jobId)) return folder;
    }
    for (const folder of folders.all) if (await findJob(folder.layout, jobId)) return folder;
    throw new CourierError('no_job', t('There is no job {0} in the folders of this window.', jobId));
  };
  return {
    version: 1,
    folders: () =>
      folders.all.map(({ layout, snapshot }) => ({ path: layout.workspace, directory: layout.root, snapshot })),
    sessions: () => folders.all.flatMap(sessionsOf),
    jobs: () => folders.all.flatMap(jobsOf),
    async send(request) {
      const { folder, id } = await send(services, request);
      sent.set(id, folder.layout.workspace);
      return id;
    },
    async result(jobId, token) {
      const folder = await folderOf(jobId);
      const job = await follower.end(folder, jobId, token);
      if (job.status !== 'completed') return { job };
      const file = await findFile(folder, job.output_path);
      return { job, answer: await fs.readFile(file.fsPath, 'utf8') };
    },
    async cancel(jobId) {
      await (await folderOf(jobId)).request({ action: 'cancel', job_id: jobId });
    },
    onDidChangeJob: follower.onDidChangeJob,
  };
}

function sessionsOf({ layout, sessions }: CourierFolder): CourierSession[] {
  return sessions.map(({ metadata: { session_id, name, agent, state, waiting } }) => ({
    ...{ folder: layout.workspace, session_id, name, agent, state },
    ...(waiting ? { waiting: waiting.text } : {}),
  }));
}

function jobsOf({ layout, sessions }: CourierFolder): CourierJob[] {
  return sessions.flatMap(({ jobs, finished }) =>
    [...jobs, ...finished].map((job) => ({ ...job, folder: layout.workspace })),
  );
}

async function send(services: ApiServices, request: SendRequest): Promise<{ folder: CourierFolder; id: string }> {
  const { prompt, agent, mode, timeout_s, requested_by = 'api', show } = request;
  if (prompt.trim() === '') throw refusal(t('The prompt'), 'empty');
  const folder = folderFor(services, request.folder);
  const session_id = sessionFor(services, folder, request);
  const given = { agent: folder.session(session_id) ? undefined : agent, mode, timeout_s, requested_by };
  const id = await folder.send({ session_id, prompt: { text: prompt }, ...given });
  if (show) services.opener.expect(folder, id, shortened(prompt.trim().split('\n')[0] ?? '', 40));
  return { folder, id };
}

function folderFor({ folders }: ApiServices, wanted: string | undefined): CourierFolder {
  const all = folders.all.filter(({ layout }) => wanted === undefined || layout.workspace === wanted);
  if (all.length === 1 && all[0]) return all[0];
  throw new CourierError(
    'no_folder',
    wanted === undefined
      ? t('{0} folders are open, so one has to be named. Nothing was sent.', all.length)
      : t('{0} is no folder of this window. Nothing was sent.', wanted),
  );
}

function sessionFor({ picker }: ApiServices, folder: CourierFolder, { session, agent }: SendRequest): string {
  const found = session === undefined ? picker.usual(folder) : folder.session(session);
  if (found) return found.metadata.session_id;
  if (agent !== undefined) return session ?? 'main';
  const known = folder.sessions.map(({ metadata }) => metadata.session_id).join(', ') || t('none');
  throw new CourierError(
    'no_session',
    session === undefined
      ? t('It is not clear which session is meant. There are: {0}. Nothing was sent.', known)
      : t('There is no session "{0}". There are: {1}. Nothing was sent.', session, known),
  );
}
