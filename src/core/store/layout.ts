import * as path from 'node:path';

/** The default name of the folder in a workspace. */
export const defaultDirectory = '.courier';

/** The paths of one session's folder; the one place that knows them. */
export class SessionLayout {
  constructor(
    readonly dir: string,
    private readonly workspace: string,
  ) {}

  // Each is made when it is asked for: a look at a thousand sessions makes a thousand of these, and asks for three.
  private below(...names: string[]): string {
    return [this.dir, ...names].join(path.sep);
  }

  get metadata(): string {
    return this.below('metadata.json');
  }
  get queue(): string {
    return this.below('job_queue.json');
  }
  get historyDir(): string {
    return this.below('history');
  }
  get prompts(): string {
    return this.below('prompts');
  }
  get output(): string {
    return this.below('output');
  }
  get logs(): string {
    return this.below('logs');
  }
  get log(): string {
    return this.below('logs', 'session.log');
  }
  get health(): string {
    return this.below('state', 'health.json');
  }

  /** The session's folder and all that belong to it, each after the one that it is in. */
  get folders(): string[] {
    return [this.dir, ...['history', 'prompts', 'output', 'logs', 'state'].map((name) => this.below(name))];
  }

  /** The month file that a job finished at `finishedAt` (ISO time) is appended to. */
  historyFile(finishedAt: string): string {
    return path.join(this.historyDir, `${finishedAt.slice(0, 7)}.jsonl`);
  }

  /** The prompt and output files of a job, relative to the workspace folder, with `/`. */
  jobFiles(job: { job_id: string; type: string; created_at: string }): { prompt: string; output: string } {
    const time = job.created_at.replace(/[-:Z]/g, '').replace('T', '-').replace('.', '-');
    const relative = (dir: string, name: string) =>
      path.relative(this.workspace, path.join(dir, name)).split(path.sep).join('/');
    return {
      prompt: relative(this.prompts, `${job.type}_${time}_${job.job_id}.md`),
      output: relative(this.output, `${job.type}_output_${time}_${job.job_id}.md`),
    };
  }
}

/** The paths of a workspace's `.courier` folder. */
export class Layout {
  readonly root: string;
  readonly folderFile: string;
  readonly gitignore: string;
  readonly monitorPid: string;
  readonly monitorLog: string;
  readonly inbox: string;
  readonly done: string;
  readonly rejected: string;
  readonly active: string;
  readonly deleted: string;
  /** Prompt templates that came with the workspace, or that somebody put there. */
  readonly templates: string;

  constructor(
    readonly workspace: string,
    directory = defaultDirectory,
  ) {
    this.root = path.join(workspace, directory);
    this.folderFile = path.join(this.root, 'folder.json');
    this.gitignore = path.join(this.root, '.gitignore');
    this.monitorPid = path.join(this.root, 'monitor.pid');
    this.monitorLog = path.join(this.root, 'monitor.log');
    this.inbox = path.join(this.root, 'inbox');
    this.done = path.join(this.inbox, 'done');
    this.rejected = path.join(this.inbox, 'rejected');
    this.active = path.join(this.root, 'sessions', 'active');
    this.deleted = path.join(this.root, 'sessions', 'deleted');
    this.templates = path.join(this.root, 'templates');
  }

  /** The same folder under a name beside its own, while it is being made. */
  draft(suffix: string): Layout {
    return new Layout(this.workspace, `${path.relative(this.workspace, this.root)}.${suffix}`);
  }

  session(id: string): SessionLayout {
    return new SessionLayout(path.join(this.active, id), this.workspace);
  }

  /** A session's folder below `sessions/deleted/`, by that folder's name. */
  deletedSession(name: string): SessionLayout {
    return new SessionLayout(path.join(this.deleted, name), this.workspace);
  }

  /** A path relative to the workspace folder made absolute; undefined when it leads outside of `.courier`. */
  resolve(relative: string): string | undefined {
    const full = path.resolve(this.workspace, relative);
    return full.startsWith(this.root + path.sep) ? full : undefined;
  }

  relative(full: string): string {
    return path.relative(this.workspace, full).split(path.sep).join('/');
  }
}

/** Where a job's last words are kept when it wrote no output; relative as its output path is. */
export function lastMessagePath(outputPath: string): string {
  return outputPath.replace(/\.md$/, '.last-message.md');
}
