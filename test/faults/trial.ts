import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import * as path from 'node:path';
import type * as v from 'valibot';
import type { SendInput } from '../../src/core/client';
import { isFinal, type Job } from '../../src/core/model/job';
import type { Settings } from '../../src/core/store/settings';
import { TestCourier } from '../support/testCourier';

/** One try of a fault: what it uses, and what it finds wrong. Anything thrown counts as one thing wrong. */
export class Trial {
  lost = 0;
  doubled = 0;
  wrong = 0;
  readonly problems: string[] = [];
  private readonly couriers: { courier: TestCourier; taken: string }[] = [];
  private sent: { courier: TestCourier; id: string }[] = [];
  private readonly ends: (() => unknown)[] = [];
  private readonly lasts: (() => unknown)[] = [];

  /** A workspace of its own whose Demo agent counts what it takes and can misbehave (test/fixtures/faultyAgent.cjs). */
  async courier(
    settings: Partial<v.InferInput<typeof Settings>> = {},
    options: Omit<Parameters<typeof TestCourier.create>[0] & object, 'settings'> = {},
  ): Promise<TestCourier> {
    const courier = await TestCourier.create({
      ...options,
      settings: { version: '1.0', scan_interval_s: 0.5, accept_timeout_s: 5, ...settings },
    });
    const taken = path.join(courier.root, 'taken');
    const preload = JSON.stringify(path.resolve('test/fixtures/faultyAgent.cjs'));
    const agents = courier.settings.agents;
    agents.demo = {
      args: [],
      interrupt_key: 'C-c',
      quiet_time_s: 5,
      ...agents.demo,
      env: { ...agents.demo?.env, NODE_OPTIONS: `--require=${preload}`, FAULT_TAKEN: taken },
    };
    this.couriers.push({ courier, taken });
    return courier;
  }

  /** Does this at the end of the try, in the reverse order, before the workspaces are taken away. */
  atEnd(what: () => unknown): void {
    this.ends.unshift(what);
  }

  /** Does this when the workspaces have been taken away, whatever happened. */
  atLast(what: () => unknown): void {
    this.lasts.unshift(what);
  }

  /** Sends a prompt of which something must be known at the end of the try. */
  async send(courier: TestCourier, text: string, input: Partial<SendInput> = {}): Promise<string> {
    const id = await courier.send(text, input);
    this.sent.push({ courier, id });
    return id;
  }

  /** How often the agent took this job's instruction. */
  taken(courier: TestCourier, id: string): number {
    const file = this.couriers.find((one) => one.courier === courier)!.taken;
    try {
      return readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line === id).length;
    } catch {
      return 0;
    }
  }

  /** Whoever deletes a folder deletes what is known of its jobs. */
  forget(courier: TestCourier): void {
    this.sent = this.sent.filter((one) => one.courier !== courier);
  }

  note(kind: 'lost' | 'doubled' | 'wrong', problem: string): void {
    this[kind]++;
    this.problems.push(`${kind}: ${problem}`);
  }

  /** Waits until a job has completed with an answer to itself; returns it. */
  async completes(courier: TestCourier, id: string, timeout = 30_000): Promise<Job> {
    const job = await courier.ended(id, timeout);
    assert.equal(
      job.status,
      'completed',
      `${id}: ${job.reason}: ${job.message}\n${courier.logged.slice(-20).join('\n')}`,
    );
    const answer = await stat(path.join(courier.workspace, job.output_path)).catch(() => undefined);
    if (!answer?.size) this.note('lost', `the answer of ${id}`);
    return job;
  }

  /** Waits until a job has ended otherwise than well, with words that match. */
  async fails(courier: TestCourier, id: string, end: string, words: RegExp, timeout = 30_000): Promise<Job> {
    const job = await courier.ended(id, timeout);
    assert.equal([job.status, job.reason].filter(Boolean).join(' '), end, job.message);
    assert.match(job.message ?? '', words);
    return job;
  }

  /** The answer that the Demo agent composed is this job's own and whole. */
  async answersItself(courier: TestCourier, job: Job): Promise<void> {
    const text = await courier.output(job);
    assert.ok(text.startsWith(`# Demo answer to job ${job.job_id}`) && text.endsWith('\n'), text.slice(0, 200));
  }

  /** The fault is over: a job that is sent now completes. */
  async next(courier: TestCourier, input: Partial<SendInput> = {}): Promise<void> {
    const job = await this.completes(courier, await this.send(courier, 'The next one.', input));
    await this.answersItself(courier, job);
  }

  /** Looks at all that was sent, then ends everything and takes it away. */
  async finish(): Promise<void> {
    for (const end of this.ends)
      try {
        await end();
      } catch (error) {
        this.note('wrong', `at the end: ${error}`);
      }
    for (const { courier, id } of this.sent) {
      const job = await courier.job(id).catch(() => undefined);
      const rejected = job ? undefined : await courier.client.reply(id, 0).catch(() => undefined);
      if (!job && rejected?.ok !== false) this.note('lost', `job ${id} is known to nobody`);
      else if (job && !isFinal(job.status)) this.note('wrong', `job ${id} is left ${job.status} (${job.phase})`);
      const taken = this.taken(courier, id);
      if (taken > 1) this.note('doubled', `job ${id} was taken ${taken} times`);
    }
    try {
      for (const { courier } of this.couriers) await courier.stop();
    } catch (error) {
      this.note('wrong', `what can't be taken away: ${error}`);
    } finally {
      for (const last of this.lasts) await last();
    }
  }
}
