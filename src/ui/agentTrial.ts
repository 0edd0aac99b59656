import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import * as v from 'valibot';
import * as vscode from 'vscode';
import { custom } from '../core/agents/custom';
import { builtInAgents } from '../core/agents/registry';
import type { Job } from '../core/model/job';
import { readDeletedSessions } from '../core/store/deletedSessions';
import { AgentSettings } from '../core/store/settings';
import { systemClock } from '../core/support/clock';
import { CourierError } from '../core/support/errors';
import { until } from '../core/support/until';
import { type Profile, readProfiles, writeProfiles } from './agentProfiles';
import { translated } from './coreWords';
import type { CourierFolder } from './courierFolder';
import type { FolderService } from './folderService';
import type { JobFollower } from './jobFollower';
import { t } from './l10n';
import { findFile } from './openFile';
import { showStart } from './progress';
import type { Screens } from './screens';
import { newSessionId } from './sessionIds';

/** What a trial stands on. */
export interface TrialServices {
  folders: FolderService;
  screens: Screens;
  follower: JobFollower;
}

/** It goes to an agent, and stays in its language. */
const testPrompt = 'Write the single word "ready" into the answer file.';

/** How long a runner may take to begin with another setting, in milliseconds. */
const settingLimit = 30_000;

/** An agent that is being tried: its profile in the user's settings, and a session with it. What isn't kept leaves nothing behind. */
export class AgentTrial {
  readonly id: string;
  private readonly key: string;
  private readonly sessionId: string;
  private known: Profile;
  private isMade = false;

  private constructor(
    private readonly services: TrialServices,
    folder: CourierFolder,
    taken: ReadonlySet<string>,
    [command = '', ...args]: readonly string[],
  ) {
    this.key = folder.workspaceFolder.uri.toString();
    this.id = newSessionId(
      path.basename(command),
      new Set([...builtInAgents, 'custom', ...Object.keys(readProfiles())]),
    );
    this.sessionId = newSessionId(this.id, taken);
    this.known = { type: 'custom', command, ...(args.length > 0 ? { args } : {}) };
  }

  /** A trial of a command with its arguments. Nothing is started or written yet. */
  static async of(services: TrialServices, folder: CourierFolder, words: readonly string[]): Promise<AgentTrial> {
    // Also of the deleted ones, so that what is discarded is found among them by its id, and no other.
    const { deleted } = await readDeletedSessions(folder.layout);
    const ids = folder.sessions.map(({ metadata }) => metadata.session_id);
    return new AgentTrial(services, folder, new Set([...ids, ...deleted.map((one) => one.folder)]), words);
  }

  get profile(): Profile {
    return this.known;
  }

  /** Starts a session with the agent, as far as that goes without knowing how it looks when it takes input, and shows its screen. */
  async start(): Promise<void> {
    const folder = await this.use({});
    this.isMade = true;
    await folder.request({ action: 'create_session', session_id: this.sessionId, agent: this.id, name: this.id });
    await showStart(folder, this.sessionId, this.id);
    const state = (await this.folder()).session(this.sessionId)?.metadata;
    if (!state || state.state === 'error' || state.state === 'stopped' || state.state === 'lost')
      throw new CourierError(
        'start_failed',
        t('"{0}" did not start: {1}', this.id, translated(state?.message) ?? t('it was stopped')),
      );
    await this.services.screens.show(await this.folder(), this.sessionId);
  }

  /** What its terminal shows now. */
  async screen(): Promise<string> {
    return (await this.services.screens.textOf(await this.folder(), this.sessionId)) ?? '';
  }

  /** Whether a screen is seen as ready with this pattern. Throws for what is no pattern. */
  isReady(screen: string, ready_pattern: string): boolean {
    const settings = v.parse(AgentSettings, { ...this.known, ready_pattern });
    return custom(this.id, settings).readScreen({ text: screen, title: '', cursor: '' }).kind === 'ready';
  }

  /** Takes more of the profile into the settings, and waits until the folder's runner is one that knows it. */
  async use(more: Partial<Profile>): Promise<CourierFolder> {
    this.known = { ...this.known, ...more };
    await writeProfiles({ ...readProfiles(), [this.id]: this.known });
    return this.folder();
  }

  /** Has it do a first job, and returns what that came to; undefined when the person has enough of waiting. */
  async doTestJob(): Promise<Job | undefined> {
    const folder = await this.folder();
    const id = await folder.send({ session_id: this.sessionId, prompt: { text: testPrompt } });
    const options = { location: vscode.ProgressLocation.Notification, cancellable: true };
    return vscode.window.withProgress({ ...options, title: t('"{0}" does a test job…', this.id) }, async (_, token) => {
      try {
        return await this.services.follower.end(folder, id, token);
      } catch (error) {
        if (!(error instanceof vscode.CancellationError)) throw error;
        await (await this.folder()).request({ action: 'cancel', job_id: id });
        return undefined;
      }
    });
  }

  /** The first line of what it answered. */
  async answerTo(job: Job): Promise<string> {
    const file = await findFile(await this.folder(), job.output_path);
    return (await fs.readFile(file.fsPath, 'utf8')).trim().split('\n')[0] ?? '';
  }

  /** Ends its session, removes it, and takes the profile out of the settings. */
  async discard(): Promise<void> {
    try {
      const folder = await this.folder();
      if (this.isMade && folder.session(this.sessionId)) {
        await folder.request({ action: 'delete_session', session_id: this.sessionId });
        await folder.request({ action: 'purge_session', session_id: this.sessionId });
      }
    } finally {
      const { [this.id]: _, ...others } = readProfiles();
      await writeProfiles(Object.keys(others).length > 0 ? others : undefined);
      // Whoever goes on at once finds a folder.
      await this.folderWith(undefined);
    }
  }

  /** The folder as it is now, once this window knows the profile; a monitor reads the settings by itself, and may be a moment later. */
  private async folder(): Promise<CourierFolder> {
    const found = await this.folderWith(this.known);
    if (found) return found;
    throw new CourierError('no_agent', t('The setting courier.agents was not taken. Look into the log of Courier.'));
  }

  /** The folder once its settings are these, since each change of a setting makes it anew; undefined when that never comes. */
  private folderWith(profile: Profile | undefined): Promise<CourierFolder | undefined> {
    const { folders } = this.services;
    const wanted = profile && JSON.stringify(v.parse(AgentSettings, profile));
    const look = () =>
      folders.all.find(
        ({ workspaceFolder, settings, snapshot }) =>
          workspaceFolder.uri.toString() === this.key &&
          snapshot !== undefined &&
          JSON.stringify(settings.agents[this.id]) === wanted,
      );
    const wait = { clock: systemClock, wake: folders.onDidChange, limitMs: settingLimit };
    return until(look, { ...wait, signal: new AbortController().signal });
  }
}
