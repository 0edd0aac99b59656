import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { showJob, showStart } from '../../src/ui/progress';
import { treeJob, treeSession } from '../support/treeFixtures';
import { waitFor } from '../support/waitFor';
import { Progress, ToldFolders } from './uiDoubles';
import { courier, demoSession, jobs, Person, sessions } from './uiSupport';

describe('the progress that a person sees', () => {
  let progress: Progress;
  beforeEach(() => {
    progress = new Progress();
  });
  afterEach(() => progress.leave());
  const first = () => progress.shown[0]!;

  describe('of a session’s start', () => {
    it('says each step once, and is over when the session is ready', async () => {
      const told = new ToldFolders();
      const done = showStart(told.folder, 'main', 'my [main](x)');
      const { options } = first();
      assert.equal(options.location, vscode.ProgressLocation.Notification);
      assert.equal(options.cancellable, true);
      assert.match(options.title ?? '', /^Starting "my /);
      assert.doesNotMatch(options.title ?? '', /\[main\]\(x\)/, 'a name is no link');
      for (const state of ['created', 'folder_created', 'folder_created', 'tmux_started'] as const)
        told.tell(treeSession(state));
      assert.deepEqual(first().messages, ['its folder is made…', 'tmux starts the agent…', 'the agent gets ready…']);
      assert.equal(first().over, false);
      told.tell(treeSession('ready'));
      await done;
      assert.deepEqual(told.requests, []);
    });

    for (const state of ['waiting', 'error'] as const)
      it(`is over when the session is ${state}: that is told otherwise`, async () => {
        const told = new ToldFolders([treeSession('tmux_started')]);
        const done = showStart(told.folder, 'main', 'main');
        told.tell(treeSession(state));
        await done;
        assert.deepEqual(told.requests, []);
      });

    it('stops the session by Cancel', async () => {
      const told = new ToldFolders([treeSession('tmux_started')]);
      const done = showStart(told.folder, 'main', 'main');
      first().cancel();
      await done;
      assert.deepEqual(told.requests, [{ action: 'stop_session', session_id: 'main' }]);
    });

    it('ends with the folder, and stops nothing then', async () => {
      const told = new ToldFolders([treeSession('tmux_started')]);
      const done = showStart(told.folder, 'main', 'main');
      told.end();
      await done;
      assert.deepEqual(told.requests, []);
    });
  });

  describe('of Wait for Answer', () => {
    const mine = treeJob('j-3', 'pending', { title: 'Mine' });
    const wait = (told: ToldFolders) =>
      showJob({ kind: 'job', folder: told.folder, session: told.folder.sessions[0]!, job: mine });

    it('says how many jobs are before it, then where it stands, until it has ended', async () => {
      const others = [treeJob('j-1', 'running', { phase: 'working' }), treeJob('j-2', 'pending')];
      const told = new ToldFolders([treeSession('busy', [...others, mine])]);
      const done = wait(told);
      assert.equal(first().options.title, 'Waiting for "Mine"');
      told.tell(treeSession('busy', [mine]));
      told.tell(treeSession('busy', [treeJob('j-3', 'running', { phase: 'working' })]));
      assert.deepEqual(first().messages, ['pending, 2 before it…', 'pending…', 'working…']);
      told.tell(treeSession('ready', [], [treeJob('j-3', 'completed')]));
      await done;
      assert.deepEqual(told.requests, []);
    });

    it('cancels the job by Cancel', async () => {
      const told = new ToldFolders([treeSession('busy', [mine])]);
      const done = wait(told);
      first().cancel();
      await done;
      assert.deepEqual(told.requests, [{ action: 'cancel', job_id: 'j-3' }]);
    });
  });

  describe('in this window', () => {
    let person: Person;
    before(demoSession);
    beforeEach(() => {
      person = new Person();
    });
    afterEach(() => person.leave());

    it('stands from the call for a new session until that is ready', async () => {
      await vscode.commands.executeCommand('courier.tryDemo');
      assert.match(first().options.title ?? '', /^Starting "demo/);
      assert.ok(first().over);
      const name = /"(.*)"/.exec(first().options.title ?? '')?.[1];
      const made = (await sessions()).find(({ metadata }) => metadata.name === name);
      assert.equal(made?.metadata.state, 'ready');
    });

    it('cancels a job that works', async () => {
      const api = await courier();
      const session = (await sessions())[0]!.metadata.session_id;
      const id = await api.send({ prompt: 'Waited for and cancelled\n\ndemo-mode: slow=600000\n', session });
      const job = async () => (await jobs()).find(({ job_id }) => job_id === id);
      await waitFor(async () => (await job())?.status === 'running', { what: 'the job at work' });
      person.choose('Waited for and cancelled');
      const waiting = vscode.commands.executeCommand('courier.waitForJob');
      const shown = await waitFor(() => progress.shown.find(({ messages }) => messages.length > 0), {
        what: 'the progress',
      });
      shown.cancel();
      await waiting;
      await waitFor(async () => (await job())?.status === 'cancelled', { what: 'the end of the job' });
      assert.deepEqual(person.of('showErrorMessage'), []);
    });
  });
});
