import * as vscode from 'vscode';
import type { Job } from '../../src/core/model/job';
import type { SessionView } from '../../src/core/store/snapshot';
import type { CourierFolder } from '../../src/ui/courierFolder';
import type { FolderService } from '../../src/ui/folderService';
import type { LogChannel } from '../../src/ui/logChannel';
import { retell, treeFolder } from '../support/treeFixtures';

/** A window's folders as a test tells them; each `tell` is one look of theirs. */
export class ToldFolders {
  private readonly changed = new vscode.EventEmitter<void>();
  private letGo!: () => void;
  readonly requests: Parameters<CourierFolder['request']>[0][] = [];
  readonly folder: CourierFolder;
  readonly service: FolderService;

  constructor(sessions: readonly SessionView[] = [], kind: 'own' | 'foreign' = 'own') {
    const folder = treeFolder('app', sessions, kind);
    const session = (id: string) => folder.sessions.find(({ metadata }) => metadata.session_id === id);
    const jobs = (): Job[] => folder.sessions.flatMap((one) => [...one.jobs, ...one.finished]);
    this.folder = Object.assign(
      folder as CourierFolder,
      {
        session,
        job: (id: string) => jobs().find(({ job_id }) => job_id === id),
        client: { reply: async () => ({ ok: true }) },
        request: async (request: Parameters<CourierFolder['request']>[0]) => void this.requests.push(request),
        onDidChange: this.changed.event,
        ended: new Promise<void>((resolve) => {
          this.letGo = resolve;
        }),
      } as object,
    );
    this.service = { all: [this.folder], onDidChange: this.changed.event } as never;
  }

  tell(...sessions: SessionView[]): void {
    retell(this.folder, sessions);
    this.changed.fire();
  }

  /** The folder is closed. */
  end(): void {
    this.letGo();
  }
}

/** A log that nobody reads. */
export const noLog = { info() {}, warn() {}, error() {}, debug() {}, show() {} } as unknown as LogChannel;

/** What a window keeps with its workspace, at first nothing. */
export function newMemory(): vscode.Memento {
  const kept = new Map<string, unknown>();
  return {
    keys: () => [...kept.keys()],
    get: <T>(key: string, value?: T) => (kept.has(key) ? kept.get(key) : value) as T,
    update: async (key, value) => void kept.set(key, value),
  };
}

/** Takes the place of VS Code's commands: keeps which were run, and what was registered. */
export class Commands {
  readonly ran: { command: string; args: unknown[] }[] = [];
  private readonly handlers = new Map<string, (...args: unknown[]) => unknown>();
  private readonly originals = { ...vscode.commands };

  constructor() {
    Object.assign(vscode.commands, {
      executeCommand: async (command: string, ...args: unknown[]) => void this.ran.push({ command, args }),
      registerCommand: (command: string, handler: (...args: unknown[]) => unknown) => {
        this.handlers.set(command, handler);
        return { dispose() {} };
      },
    });
  }

  /** Runs what was registered meanwhile, as VS Code would. */
  async call(command: string): Promise<void> {
    await this.handlers.get(command)!();
  }

  leave(): void {
    const { executeCommand, registerCommand } = this.originals;
    Object.assign(vscode.commands, { executeCommand, registerCommand });
  }
}

/** Takes the place of the notification that shows how something goes on. */
export class Progress {
  readonly shown: { options: vscode.ProgressOptions; messages: string[]; over: boolean; cancel(): void }[] = [];
  private readonly original = vscode.window.withProgress;

  constructor() {
    type Task = Parameters<typeof vscode.window.withProgress<unknown>>[1];
    const withProgress = async (options: vscode.ProgressOptions, task: Task) => {
      const source = new vscode.CancellationTokenSource();
      const one = { options, messages: [] as string[], over: false, cancel: () => source.cancel() };
      this.shown.push(one);
      const report = ({ message }: { message?: string }) => void one.messages.push(message ?? '');
      try {
        return await task({ report }, source.token);
      } finally {
        one.over = true;
      }
    };
    Object.assign(vscode.window, { withProgress });
  }

  leave(): void {
    Object.assign(vscode.window, { withProgress: this.original });
  }
}
