import assert from 'node:assert/strict';
import type { Waiting } from '../../src/core/model/waiting';
import { GeminiCourier, geminiCli } from '../support/geminiCourier';
import { installCli } from '../support/installCli';
import { answer, byMarker } from '../support/messagesTurns';
import { waitFor } from '../support/waitFor';

describe('Gemini CLI: it asks to be started again when its folder is trusted', function () {
  this.timeout(150_000);
  let gemini: GeminiCourier;
  before(function () {
    this.timeout(600_000);
    installCli(geminiCli);
  });
  beforeEach(async () => {
    gemini = await GeminiCourier.create({ script: byMarker({}, answer('Done.\n')), trusted: false });
  });
  afterEach(() => gemini.stop());

  const completes = async (id: string) => {
    const job = await gemini.courier.ended(id, 60_000);
    assert.deepEqual([job.status, job.attempts], ['completed', 1], `${job.reason} ${job.message}`);
    assert.equal(gemini.taken(id), 1);
  };
  const trust = (target: string, { dialog_id, choices }: Waiting) =>
    gemini.courier.client.answer({ target, dialog_id, choice: choices[0]!.id });

  it('a fresh job: it is, as often as a session, and nothing of the first start stays', async () => {
    const { courier } = gemini;
    await courier.runner();
    const id = await courier.send('Say hello.', { mode: 'fresh' });
    const { waiting } = await courier.jobWhere(id, 'waits', (job) => job.waiting !== undefined, 60_000);
    assert.equal(waiting!.kind, 'trust');
    assert.equal((await trust(id, waiting!))?.ok, true);
    await completes(id);
    await waitFor(async () => (await courier.launches()).length === 0, { what: 'no launch is left over' });
    assert.match(courier.logged.join('\n'), new RegExp(`${id}: Gemini CLI asked to be started again`));
  });

  it('a session whose runner was replaced while the question stood: it is', async () => {
    const { courier } = gemini;
    const first = await courier.runner();
    const id = await courier.send('Say hello.');
    await gemini.waiting('trust');
    await first.stop();
    await courier.runner();
    const isAnswered = async () => {
      const waiting = (await courier.session())?.waiting;
      return waiting && (await trust('main', waiting))?.ok;
    };
    await waitFor(isAnswered, { what: 'the answer is taken' });
    await completes(id);
    await waitFor(async () => (await courier.launches()).length === 1, { what: 'one launch is left' });
  });
});
