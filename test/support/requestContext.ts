import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import * as v from 'valibot';
import { createAgent } from '../../src/core/agents/registry';
import type { RequestContext } from '../../src/core/runner/context';
import { PaneSet } from '../../src/core/sessions/paneSet';
import { createFolder } from '../../src/core/store/folder';
import { Layout } from '../../src/core/store/layout';
import { Settings } from '../../src/core/store/settings';
import { UserState } from '../../src/core/store/userState';
import type { Clock } from '../../src/core/support/clock';
import { silentLog } from '../../src/core/support/log';
import { Troubles } from '../../src/core/support/troubles';

/** A runner's context on a real folder, with no tmux: sessions are never started. */
export async function makeRequestContext(
  root: string,
  clock: Clock,
  settings: v.InferInput<typeof Settings> = { version: '1.0' },
): Promise<RequestContext & { user: UserState; logged: string[] }> {
  const workspace = path.join(root, 'ws');
  await fs.mkdir(workspace, { recursive: true });
  const layout = new Layout(workspace);
  const user = new UserState(path.join(root, 'user'), path.join(root, 'run'));
  const registration = await createFolder(layout, user, clock);
  const checked = v.parse(Settings, { default_agent: 'demo', ...settings });
  const logged: string[] = [];
  const write = (message: string) => void logged.push(message);
  const never = () => Promise.reject(new Error('this test starts nothing'));
  const log = { ...silentLog, warn: write, error: (message: string, cause?: unknown) => write(`${message} ${cause}`) };
  return {
    layout,
    user,
    logged,
    folder: user.folder(registration.folder_id),
    settings: checked,
    clock,
    log,
    troubles: new Troubles(log),
    epoch: 1,
    sessions: new Map(),
    runs: new Map(),
    panes: new PaneSet(),
    stopping: new AbortController().signal,
    guard: async () => {},
    ensureStarted: never,
    seeServer: async () => {},
    recover: never,
    noteEnd: () => {},
    wake: () => {},
    launcher: { agent: (id: string) => createAgent(id, checked, { node: 'node', script: 'demo' }) } as never,
    tmux: { callIfServer: async () => [], call: never } as never,
  };
}
