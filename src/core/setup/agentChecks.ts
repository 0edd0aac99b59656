import type { Agent } from '../agents/agent';
import type { Program } from '../agents/program';
import { createAgent, listAgents } from '../agents/registry';
import { messageOf } from '../support/errors';
import { ProgramNotFound, searchLines } from '../support/findExecutable';
import { cleanEnvironment, run } from '../support/process';
import { fine, type SetupCheck, type SetupFix, type SetupInput } from './check';

const versionLimitMs = 10_000;

const nameIt: SetupFix = { kind: 'setting', label: 'Set Agents', setting: 'courier.agents' };
const demoInstead: SetupFix = { kind: 'demo', label: 'Try the Demo Agent' };

/** Whether the agents that are used are there (a problem if not), and the others that the settings name (a warning). */
export async function checkAgents(input: SetupInput, used: ReadonlySet<string>): Promise<SetupCheck[]> {
  const ids = new Set([...used, ...Object.keys(input.settings.agents)]);
  return Promise.all([...ids].map((id) => checkAgent(input, id, used.has(id))));
}

async function checkAgent(input: SetupInput, id: string, used: boolean): Promise<SetupCheck> {
  const check = `agent:${id}`;
  try {
    const agent = agentOf(input, id);
    const program = await agent.program();
    if (!program) return fine(check, `${agent.title} is built in`);
    return input.versions ? await askVersion(input, check, agent, program) : fine(check, agent.title, program.file);
  } catch (error) {
    const missing = error instanceof ProgramNotFound;
    const title = listAgents(input.settings).find((agent) => agent.id === id)?.title ?? id;
    return {
      id: check,
      status: used ? 'problem' : 'warning',
      title: missing ? `${title} was not found` : `${title} can not be used`,
      detail: messageOf(error),
      ...(missing ? { looked_in: searchLines(error.looked) } : {}),
      fixes: [...(missing ? installed(input, id) : []), nameIt, ...(used ? [demoInstead] : [])],
    };
  }
}

/** The agent as a check needs it: nothing is started but its `--version`. */
function agentOf({ settings }: SetupInput, id: string): Agent {
  return createAgent(id, settings, { node: process.execPath, script: '' });
}

/** The command that installs an agent's CLI, where it is the usual one and not a program of the user's. */
function installed(input: SetupInput, id: string): SetupFix[] {
  const { install } = agentOf(input, id);
  if (!install || input.settings.agents[id]?.command !== undefined) return [];
  return [{ kind: 'copy', label: 'Copy Install Command', text: install }];
}

/** Any program may be named, so that one which doesn't know `--version` is still there; those that we know do know it. */
async function askVersion(
  { env }: SetupInput,
  id: string,
  agent: Agent,
  { file, env: own }: Program,
): Promise<SetupCheck> {
  const result = await run(file, ['--version'], {
    timeoutMs: versionLimitMs,
    contained: true,
    // Not the workspace: some programs read files from where they are started.
    cwd: '/',
    env: { ...cleanEnvironment(env), ...own },
  });
  const words = result.stdout.trim().split('\n')[0]?.slice(0, 80);
  if (!result.failed) return fine(id, words ? `${agent.title}: ${words}` : agent.title, file);
  if (!agent.install) {
    return fine(id, agent.title, `${file} (it says no version)`);
  }
  const said = result.stderr.trim().split('\n').at(-1) || result.problem;
  return {
    id,
    status: 'warning',
    title: `${agent.title} does not answer`,
    detail: `"${file} --version" failed: ${said}. Try it in a terminal; if it is the wrong program, name the right one in courier.agents.`,
    fixes: [nameIt],
  };
}
