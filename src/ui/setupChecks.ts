import type * as vscode from 'vscode';
import { type SetupCheck, setupInput } from '../core/setup/check';
import type { UserState } from '../core/store/userState';
import { systemClock } from '../core/support/clock';
import { DisposableStore } from '../core/support/disposables';
import { Emitter } from '../core/support/events';
import type { Config } from './config';
import { setContext } from './contextKeys';
import type { FolderService } from './folderService';
import type { LoadLater } from './loadLater';
import type { LogChannel } from './logChannel';

/** A check's result; `workspace` is the path of the folder that it is about, undefined for the machine. */
export interface Finding {
  check: SetupCheck;
  workspace?: string;
}

/** What was last found out about tmux, the agents and the folders. Looked at when the view has nothing else to show, and when asked. */
export class SetupChecks implements vscode.Disposable {
  private readonly own = new DisposableStore();
  private readonly changed = this.own.add(new Emitter<void>());
  private found: readonly Finding[] = [];
  private looks = 0;
  private seen = '';

  /** Fires with each result that differs from the one before. */
  readonly onDidChange = this.changed.event;

  constructor(
    private readonly user: UserState,
    private readonly config: Config,
    private readonly folders: FolderService,
    private readonly log: LogChannel,
    private readonly later: LoadLater,
  ) {
    this.own.add(config.onDidChange(() => this.lookIfShown(true)));
    this.own.add(folders.onDidChange(() => this.lookIfShown(false)));
  }

  /** What is not as it should be. */
  get findings(): readonly Finding[] {
    return this.found.filter(({ check }) => check.status !== 'ok');
  }

  /** Looks for tmux alone, so that the view's first welcome is the right one. */
  async lookForTmux(): Promise<void> {
    setContext('courier.needsWsl', process.platform === 'win32');
    if (process.platform === 'win32') return;
    const { checkTmuxSetup } = await this.later.rest();
    this.tellContext(await checkTmuxSetup(this.input(false)));
  }

  /** Looks at everything. `versions` also asks each program for its version, and the login shell again. */
  async look({ versions }: { versions: boolean }): Promise<readonly Finding[]> {
    const turn = ++this.looks;
    const { checkSetup, forgetLoginShell } = await this.later.rest();
    await this.folders.settled;
    if (versions) forgetLoginShell();
    const layouts = this.folders.all.map((folder) => folder.layout);
    const { machine, folders } = await checkSetup(this.input(versions), layouts);
    const found = [
      ...machine.map((check): Finding => ({ check })),
      ...folders.flatMap(({ layout, checks }) =>
        checks.map((check): Finding => ({ check, workspace: layout.workspace })),
      ),
    ];
    // A later look knows more.
    if (turn === this.looks) this.take(found);
    return found;
  }

  /** The first look at a folder without sessions is taken when it has been read; it is cheap, and nothing waits for it. */
  private lookIfShown(again: boolean): void {
    const { all } = this.folders;
    const state = all.map(({ layout, snapshot }) => [layout.workspace, snapshot?.standing.kind]);
    const shown = all.length > 0 && all.every((folder) => folder.snapshot && folder.sessions.length === 0);
    const seen = shown ? JSON.stringify(state) : '';
    if (seen === this.seen && !again) return;
    this.seen = seen;
    const look = shown ? this.look({ versions: false }) : again ? this.lookForTmux() : undefined;
    look?.catch((error) => this.log.error('The setup could not be checked', error));
  }

  private take(found: readonly Finding[]): void {
    this.tellContext(found.map(({ check }) => check));
    if (JSON.stringify(found) === JSON.stringify(this.found)) return;
    this.found = found;
    for (const { check, workspace } of found) {
      const { status, title, detail, looked_in = [] } = check;
      const words = [`${workspace ? `${workspace}: ` : ''}${title}`, detail, ...looked_in].filter(Boolean);
      if (status === 'ok') this.log.info(`checked: ${words.join(', ')}`);
      else this.log.warn(words.join('\n  '));
    }
    this.changed.fire();
  }

  private tellContext(checks: readonly SetupCheck[]): void {
    const tmux = checks.find(({ id }) => id === 'tmux');
    if (tmux) setContext('courier.tmuxMissing', tmux.status !== 'ok');
  }

  private input(versions: boolean) {
    return setupInput({ user: this.user, settings: this.config.settings, clock: systemClock, versions });
  }

  dispose(): void {
    this.own.dispose();
  }
}
