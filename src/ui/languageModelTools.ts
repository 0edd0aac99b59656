import * as v from 'valibot';
import * as vscode from 'vscode';
import { isFinal } from '../core/model/job';
import { CourierError } from '../core/support/errors';
import { fenced } from '../core/templates/fence';
import type { CourierApi } from './api';
import { toolNames } from './contributions';
import { t } from './l10n';
import { dialogWords, jobProblem } from './words';

/** Registers the tools with which the editor's own chat can hand work to a session. Each is confirmed by the person. */
export function registerLanguageModelTools(api: CourierApi): vscode.Disposable {
  const tools = makeTools(api);
  return vscode.Disposable.from(
    vscode.lm.registerTool(toolNames.send, tools.send),
    vscode.lm.registerTool(toolNames.status, tools.status),
    vscode.lm.registerTool(toolNames.result, tools.result),
  );
}

const SendInput = v.object({ prompt: v.string(), session: v.optional(v.string()) });
const StatusInput = v.object({});
const ResultInput = v.object({ job_id: v.string() });

/** How much of an answer goes into a chat; more stands in the answer's file. */
const mostOfAnswer = 100_000;

/** The three tools over the API. */
export function makeTools(api: CourierApi): Record<keyof typeof toolNames, vscode.LanguageModelTool<unknown>> {
  const send = tool(SendInput, {
    title: t('Send a prompt to an agent?'),
    // Between fences nothing is a link.
    message: ({ prompt, session }) => {
      const where = session === undefined ? t('the session that was used last') : `"${session}"`;
      return `${t('The prompt goes to:')}\n${fenced(where)}\n${fenced(prompt)}`;
    },
    async run({ prompt, session }) {
      const job_id = await api.send({ prompt, session, requested_by: 'vscode-chat' });
      return { job_id, hint: `Call ${toolNames.result} with this job_id to wait for the answer.` };
    },
  });
  const status = tool(StatusInput, {
    title: t('Tell the chat which sessions and jobs there are?'),
    message: () => t('It is told their names, what they do, and the first words of each prompt.'),
    async run() {
      const jobs = api.jobs().filter((job) => !isFinal(job.status));
      return {
        sessions: api.sessions(),
        jobs: jobs.map(({ job_id, session_id, title, phase, created_at, ...job }) => ({
          ...{ job_id, session_id, status: job.status, phase, title, created_at },
        })),
      };
    },
  });
  const result = tool(ResultInput, {
    title: t('Give the chat the answer of a job?'),
    message: ({ job_id }) => `${t('It waits for the end of the job, and is given its answer:')}\n${fenced(job_id)}`,
    run: ({ job_id }, token) => resultOf(api, job_id, token),
  });
  return { send, status, result };
}

/** A job's end; or that it waits for a person, which may take long and which the chat can't do anything about. */
async function resultOf(api: CourierApi, job_id: string, token: vscode.CancellationToken): Promise<object> {
  const stop = new vscode.CancellationTokenSource();
  const own = [stop, token.onCancellationRequested(() => stop.cancel())];
  const find = () => api.jobs().find((job) => job.job_id === job_id);
  try {
    const asks = new Promise<object>((resolve) => {
      const look = () => {
        const waiting = find()?.waiting;
        if (waiting) resolve({ job_id, status: 'running', waits_for_the_person: dialogWords(waiting) });
      };
      own.push(api.onDidChangeJob(look));
      look();
    });
    const ends = api.result(job_id, stop.token).then(({ job, answer }) => {
      if (answer === undefined) return { job_id, status: job.status, problem: jobProblem(job) };
      const cut = answer.length > mostOfAnswer ? { cut_after: mostOfAnswer, whole_answer: job.output_path } : {};
      return { job_id, status: job.status, answer: answer.slice(0, mostOfAnswer), ...cut };
    });
    ends.catch(() => undefined);
    return await Promise.race([ends, asks]);
  } finally {
    stop.cancel();
    for (const one of own) one.dispose();
  }
}

interface ToolParts<T> {
  title: string;
  message(input: T): string;
  run(input: T, token: vscode.CancellationToken): Promise<object>;
}

/** A tool whose input is checked before anything else, which asks the person, and whose result is JSON. */
function tool<T extends v.GenericSchema>(
  schema: T,
  { title, message, run }: ToolParts<v.InferOutput<T>>,
): vscode.LanguageModelTool<unknown> {
  const parse = (input: unknown): v.InferOutput<T> => {
    const read = v.safeParse(schema, input);
    if (read.success) return read.output;
    throw new CourierError('bad_input', t("The tool was given what it can't use: {0}", read.issues[0].message));
  };
  return {
    prepareInvocation: ({ input }) => ({
      confirmationMessages: { title, message: new vscode.MarkdownString(message(parse(input))) },
    }),
    async invoke({ input }, token) {
      const text = JSON.stringify(await run(parse(input), token));
      return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(text)]);
    },
  };
}
