import * as v from 'valibot';
import * as vscode from 'vscode';
import { defaultSettings, Settings, writeSettings } from '../core/store/settings';
import type { UserState } from '../core/store/userState';
import { DisposableStore } from '../core/support/disposables';
import { Emitter } from '../core/support/events';
import type { Log } from '../core/support/log';
import { type Notify, type OpenOutput, openOutputChoices, type SettingName, settings } from './contributions';
import { RefusedAgents } from './refusedAgents';

const section = 'courier';

/** The settings, typed. What is `machine` in the table is only ever taken from the user's own settings. */
export class Config implements vscode.Disposable {
  private readonly own = new DisposableStore();
  private readonly changed = this.own.add(new Emitter<Settings>());
  private now: Settings | undefined;
  private begin!: () => void;
  private sharing = new Promise<void>((resolve) => {
    this.begin = resolve;
  });
  private readonly refused = new RefusedAgents();

  /** Fires when a setting that a runner uses has another value. */
  readonly onDidChange = this.changed.event;

  constructor(
    private readonly user: UserState,
    private readonly log: Log,
  ) {
    this.own.add(
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration(section)) this.reload();
      }),
    );
    this.shareNext();
  }

  /** Begins to give others the user's values. Looking at every setting takes a while, for which the view's first picture does not wait. */
  share(): void {
    this.begin();
  }

  /** What this window's runner uses. */
  get settings(): Settings {
    return this.now ?? this.take();
  }

  get openOutput(): OpenOutput {
    const configuration = vscode.workspace.getConfiguration(section);
    const own = configuration.inspect<OpenOutput>('openOutput')?.globalValue;
    const value = configuration.get<OpenOutput>('openOutput');
    // A preview loads the pictures that an answer names: only the user chooses it.
    const wanted = value === 'preview' ? own : value;
    return wanted !== undefined && openOutputChoices.includes(wanted) ? wanted : 'beside';
  }

  /** Whether something is told in a notification. */
  tells(what: 'important' | 'other'): boolean {
    const value = vscode.workspace.getConfiguration(section).get<Notify>('notify');
    if (value === 'none') return false;
    return what === 'important' || value !== 'important';
  }

  private reload(): void {
    const before = JSON.stringify(this.settings);
    const now = this.take();
    this.shareNext();
    if (JSON.stringify(now) !== before) this.changed.fire(now);
  }

  private take(): Settings {
    this.now = this.read(false);
    this.refused.tell(this.now);
    return this.now;
  }

  /** Gives the command line and the monitor the user's values, and never a workspace's. */
  private shareNext(): void {
    this.sharing = this.sharing
      .then(() => writeSettings(this.user, this.read(true), (message) => this.log.warn(message)))
      .catch((error) => {
        this.log.error('The settings could not be written for the command line; it goes on with its old ones.', error);
      });
  }

  /** Resolves when the command line and a monitor that is started read the values of now. */
  get shared(): Promise<void> {
    return this.sharing;
  }

  private read(userOnly: boolean): Settings {
    const configuration = vscode.workspace.getConfiguration(section);
    // Each question takes a millisecond: one is asked for what stands in the user's own settings.
    const own = vscode.workspace.getConfiguration().inspect<Record<string, unknown>>(section)?.globalValue ?? {};
    let result = defaultSettings();
    for (const name of Object.keys(settings) as SettingName[]) {
      const { key, scope } = settings[name];
      if (key === undefined) continue;
      const value = userOnly || scope === 'machine' ? own[name] : configuration.get<unknown>(name);
      if (value === undefined) continue;
      const tried = v.safeParse(Settings, { ...result, [key]: value });
      if (tried.success) result = tried.output;
      else this.log.warn(`The setting courier.${name} can't be used, its default is: ${tried.issues[0].message}`);
    }
    return result;
  }

  dispose(): void {
    this.own.dispose();
  }
}
