import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { newJobId, newRequestId } from './model/ids';
import type { PromptSource } from './model/job';
import type { Answer, Reply, RequestInput } from './model/request';
import { Reply as ReplySchema } from './model/request';
import { openFolder } from './store/folder';
import { awaitReply, dropPromptFile, dropRequest } from './store/inbox';
import { readJson, writeJson } from './store/jsonFile';
import type { Layout } from './store/layout';
import type { UserState } from './store/userState';
import type { Clock } from './support/clock';

/** A prompt to send: its text, or a file whose content it is. */
export interface SendInput {
  session_id: string;
  prompt: { text: string } | { file: string };
  agent?: string;
  mode?: 'session' | 'fresh';
  type?: string;
  timeout_s?: number;
  group_id?: string;
  /** The job that it is queued right behind. */
  follows?: string;
  source?: PromptSource;
  requested_by: string;
}

/** A request without the fields that the client fills in. */
export type PlainRequest = RequestInput extends infer R
  ? R extends { action: 'enqueue' }
    ? never
    : R extends RequestInput
      ? Omit<R, 'version' | 'id'>
      : never
  : never;

/** Talks to a folder's runner, whoever that is, through files alone. Each call makes the folder if it is absent and refuses a foreign one. */
export class CourierClient {
  constructor(
    readonly layout: Layout,
    readonly user: UserState,
    readonly clock: Clock,
  ) {}

  /** Drops a prompt into the inbox; returns its job id at once, whether or not a runner is alive. */
  async send(input: SendInput): Promise<string> {
    await openFolder(this.layout, this.user, this.clock);
    const id = newJobId(this.clock);
    const { prompt, ...rest } = input;
    const body =
      'text' in prompt ? { prompt: prompt.text } : { prompt_file: await dropPromptFile(this.layout, id, prompt.file) };
    await dropRequest(this.layout, { version: '1.0', id, action: 'enqueue', ...rest, ...body });
    return id;
  }

  /** Gives a job that has not begun another prompt; `limitMs` is as in `request`. */
  async update(
    jobId: string,
    prompt: SendInput['prompt'],
    requestedBy: string,
    limitMs = 10_000,
  ): Promise<Reply | undefined> {
    await openFolder(this.layout, this.user, this.clock);
    const id = newRequestId(this.clock);
    const body =
      'text' in prompt ? { prompt: prompt.text } : { prompt_file: await dropPromptFile(this.layout, id, prompt.file) };
    const request = { action: 'update', job_id: jobId, requested_by: requestedBy } as const;
    await dropRequest(this.layout, { version: '1.0', id, ...request, ...body });
    return awaitReply(this.layout, id, this.clock, limitMs);
  }

  /** Drops any other request and waits for the reply; undefined when none came within `limitMs`. */
  async request(request: PlainRequest, limitMs = 10_000): Promise<Reply | undefined> {
    await openFolder(this.layout, this.user, this.clock);
    const id = newRequestId(this.clock);
    await dropRequest(this.layout, { version: '1.0', id, ...request } as RequestInput);
    return awaitReply(this.layout, id, this.clock, limitMs);
  }

  /** The reply to a request or enqueue with this id; undefined when none came within `limitMs`. */
  reply(id: string, limitMs: number): Promise<Reply | undefined> {
    return awaitReply(this.layout, id, this.clock, limitMs);
  }

  /** Answers a dialog of a session or fresh job, through the user's own folder, where no agent is sent to write. */
  async answer(answer: Pick<Answer, 'target' | 'dialog_id' | 'choice'>, limitMs = 10_000): Promise<Reply | undefined> {
    const { folder_id } = await openFolder(this.layout, this.user, this.clock);
    const state = this.user.folder(folder_id);
    const id = newRequestId(this.clock);
    const hidden = path.join(state.answers, `.${id}.json`);
    await writeJson(hidden, { version: '1.0', id, ...answer } satisfies Answer);
    await fs.rename(hidden, path.join(state.answers, `${id}.json`));
    const done = path.join(state.answersDone, `${id}.json`);
    const until = this.clock.monotonic() + limitMs;
    for (let pause = 4; ; pause = Math.min(pause * 1.5, 100)) {
      const read = await readJson(ReplySchema, done);
      if (read.kind === 'ok') return read.value;
      if (this.clock.monotonic() > until) return undefined;
      await new Promise<void>((resolve) => this.clock.after(pause, resolve));
    }
  }
}
