import type * as vscode from 'vscode';
import type { Job } from '../core/model/job';
import type { FolderSnapshot } from '../core/store/snapshot';
import type { JobChange } from './jobFollower';

/**
 * What this extension gives to others, as `getExtension('tmux-courier.tmux-courier').activate()` returns it. Within a version,
 * things are only added. Errors have a `code` for programs and a message for people. Folders are named by their paths.
 */
export interface CourierApi {
  readonly version: 1;
  /** The window's workspace folders, each as its `.courier` folder stands now. */
  folders(): { path: string; directory: string; snapshot: FolderSnapshot | undefined }[];
  /** The sessions of all folders. */
  sessions(): CourierSession[];
  /**
   * The live jobs of all folders, and the last finished ones of each session. With more than 50 sessions in a folder the finished
   * jobs of those in which nothing was new come a moment after the extension's activation.
   */
  jobs(): CourierJob[];
  /** Sends a prompt and returns its job id, at once; nothing is asked. Throws `no_session`, `not_adopted`, `not_sendable`. */
  send(request: SendRequest): Promise<string>;
  /** Waits for a job's end, whatever that is, and returns it with its answer. Throws `no_job`, `refused`, and what the runner has against it. */
  result(jobId: string, token?: vscode.CancellationToken): Promise<JobResult>;
  /** Ends a job that has not ended. */
  cancel(jobId: string): Promise<void>;
  /** Fires when a job has come, has gone a step further, waits for a person, or has ended. */
  readonly onDidChangeJob: vscode.Event<JobChange>;
}

/** A session, and the path of the workspace folder that it is in. */
export interface CourierSession {
  folder: string;
  session_id: string;
  name: string;
  agent: string;
  state: string;
  /** What it asks of a person, when it waits. */
  waiting?: string;
}

/** A job as it stands in queue or history, and the path of the workspace folder that it is in. */
export type CourierJob = Job & { folder: string };

/** A prompt for `send`. */
export interface SendRequest {
  prompt: string;
  /** A workspace folder's path; may be left out where there is one folder. */
  folder?: string;
  /** A session's id; left out: the one that was used last, or the only one. */
  session?: string;
  /** With the id of a session that is not there: the agent that it is made with. */
  agent?: string;
  /** `fresh`: in a conversation of its own. */
  mode?: 'session' | 'fresh';
  /** Seconds of silence that end it. */
  timeout_s?: number;
  /** Who asks, for the record: an extension's id. */
  requested_by?: string;
  /** Whether the answer is shown when it comes, as those are that the person sent. */
  show?: boolean;
}

/** A job that has ended; `answer` is the text of its answer file when it is completed. */
export interface JobResult {
  job: Job;
  answer?: string;
}
