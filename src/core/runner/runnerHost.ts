import { folderStanding, openFolder } from '../store/folder';
import type { FolderState, Registration } from '../store/userState';
import { type Disposable, DisposableStore } from '../support/disposables';
import { isSuperseded, messageOf } from '../support/errors';
import { Emitter } from '../support/events';
import { ownIdentity } from '../support/processIdentity';
import { watchPaths } from '../support/watch';
import { createClaim, readClaim, release, superseded, sweepClaims } from './claims';
import { Heart } from './heart';
import { Runner, type RunnerOptions } from './runner';
import { bySightings, type Silence } from './silence';

export type { RunnerOptions } from './runner';
export type RunnerRole = 'owner' | 'standby' | 'stopped';

/** Keeps a runner for a folder: claims it, or stands by while another owns it and takes over when that one ends. */
export class RunnerHost implements Disposable {
  private readonly own = new DisposableStore();
  private readonly roleChanged = this.own.add(new Emitter<RunnerRole>());
  private readonly becameIdle = this.own.add(new Emitter<void>());
  private readonly worked = this.own.add(new Emitter<void>());
  private readonly silence: Silence;
  private folder!: FolderState;
  private registration!: Registration;
  private runner: Runner | undefined;
  private heart: Heart | undefined;
  private owned: DisposableStore | undefined;
  private standing: DisposableStore | undefined;
  private epoch = 0;
  private trying: Promise<void> | undefined;
  private losing: Promise<void> | undefined;
  private ending: Promise<void> | undefined;
  private failure: { message: string; again: number } | undefined;
  private wasIdle = false;
  private draining = false;
  role: RunnerRole = 'standby';
  readonly onDidChangeRole = this.roleChanged.event;
  /** Fires when the last live job has ended and no request waits. */
  readonly onDidBecomeIdle = this.becameIdle.event;
  /** Fires after each round of this process's runner: a job may have moved on. */
  readonly onDidWork = this.worked.event;

  constructor(private readonly options: RunnerOptions) {
    this.silence = bySightings(options.clock);
  }

  /** Whether there is no live job and no unread request; false when another process owns the folder. */
  get idle(): boolean {
    return this.runner?.idle ?? false;
  }

  /** Claims the folder or stands by. Throws `not_adopted` for a folder that this machine did not make. */
  async start(): Promise<'owner' | 'standby'> {
    const { layout, user, clock } = this.options;
    this.follow(await openFolder(layout, user, clock));
    try {
      await this.tryToOwn();
    } catch (error) {
      this.own.dispose();
      throw error;
    }
    return this.role === 'owner' ? 'owner' : 'standby';
  }

  /** Leaves the agents as they are and gives the claim back, so that another may take over at once. */
  stop(): Promise<void> {
    this.ending ??= this.end();
    return this.ending;
  }

  private async end(): Promise<void> {
    this.setRole('stopped');
    // A claim that is under way may still succeed, and is given back then, too.
    await this.trying?.catch(() => undefined);
    await this.losing;
    await this.giveBack();
    this.own.dispose();
  }

  /** Leaves between jobs: starts no further one, waits until none runs here, and gives the claim back. */
  async drain(): Promise<void> {
    if (this.role === 'stopped') return;
    this.draining = true;
    await this.trying?.catch(() => undefined);
    await this.runner?.drain();
    await this.stop();
  }

  dispose(): void {
    void this.stop().catch((error) => this.options.log.error('the runner could not be stopped', error));
  }

  private follow(registration: Registration): void {
    this.registration = registration;
    this.folder = this.options.user.folder(registration.folder_id);
  }

  private tryToOwn(): Promise<void> {
    if (this.role !== 'standby' || this.draining) return Promise.resolve();
    this.trying ??= this.claim().finally(() => {
      this.trying = undefined;
      if (this.role === 'standby') this.standBy();
    });
    return this.trying;
  }

  /** Looks for the owner's end as long as this is not the owner: a claim's files say it, and a slow look beside them. */
  private standBy(): void {
    if (this.standing) return;
    const { clock, settings, log } = this.options;
    const onError = (error: unknown) => log.warn(`watching claims: ${error}`);
    const look = () => void this.look();
    this.standing = this.own.add(new DisposableStore());
    this.standing.add(watchPaths([this.folder.claims], look, { usePolling: settings.use_polling, onError }));
    this.standing.add(clock.every((settings.heartbeat_s * 1000) / 2, look));
  }

  private endStandby(): void {
    this.standing?.dispose();
    this.standing = undefined;
  }

  /** One look while standing by. What keeps the folder from being owned is told once, and tried again after a while. */
  private async look(): Promise<void> {
    const { clock, layout, user, log } = this.options;
    if (this.failure && clock.monotonic() < this.failure.again) return;
    try {
      const standing = await folderStanding(layout, user);
      // A folder that was followed for a while may have gone, or become another one.
      if (standing.kind !== 'own') return;
      if (standing.registration.folder_id !== this.registration.folder_id && this.role === 'standby') {
        this.follow(standing.registration);
        this.endStandby();
      }
      await this.tryToOwn();
      this.failure = undefined;
    } catch (error) {
      const message = messageOf(error);
      if (this.failure?.message !== message) log.error('the folder could not be claimed', error);
      this.failure = { message, again: clock.monotonic() + this.takeoverAfterS * 1000 };
    }
  }

  /** An owner that is busy may miss a heartbeat, or two. */
  private get takeoverAfterS(): number {
    const { heartbeat_s, takeover_after_s } = this.options.settings;
    return Math.max(takeover_after_s, 3 * heartbeat_s);
  }

  private async claim(): Promise<void> {
    const { clock, kind, programVersion, settings, log } = this.options;
    const { folder, registration } = this;
    const newest = await readClaim(folder, clock, this.silence);
    if (newest.runner) return;
    const epoch = newest.epoch + 1;
    const process = await ownIdentity();
    const takeover_after_s = this.takeoverAfterS;
    if (
      !(await createClaim(folder, { epoch, kind, program_version: programVersion, process, takeover_after_s }, clock))
    )
      return;
    this.epoch = epoch;
    this.heart = new Heart(folder, epoch, { clock, log }, settings.heartbeat_s * 1000);
    // Stopped meanwhile, or so slow that others have claimed and swept since the newest epoch was read.
    if (this.role !== 'standby' || (await superseded(folder, epoch))) return this.giveBack();
    const owned = new DisposableStore();
    this.owned = owned;
    const runner = new Runner(this.options, registration, epoch);
    this.runner = runner;
    owned.add(runner.onDidLose(() => this.lose()));
    owned.add(
      runner.onDidRound(() => {
        this.worked.fire();
        this.noteIdle();
      }),
    );
    try {
      await runner.start();
    } catch (error) {
      await this.giveBack();
      // Another took the folder over while this one started.
      if (isSuperseded(error)) return;
      throw error;
    }
    if (this.role !== 'standby' || this.runner !== runner) return;
    this.setRole('owner');
    this.endStandby();
    await sweepClaims(folder, epoch).catch((error) => log.warn(`old claims could not be removed: ${error}`));
  }

  /** Ends this process's runner, if there is one, and says that its claim is free. It counts as alive until all is on disk. */
  private async giveBack(): Promise<void> {
    const { runner, heart, folder, epoch } = this;
    this.owned?.dispose();
    this.runner = undefined;
    this.heart = undefined;
    try {
      await runner?.stop();
    } finally {
      await heart?.stop();
      if (heart) await release(folder, epoch);
    }
  }

  /** Another runner owns the folder now: this one ends its work without touching anything more, and stands by. */
  private lose(): void {
    const { runner, heart, owned } = this;
    if (!runner) return;
    this.runner = undefined;
    this.heart = undefined;
    owned?.dispose();
    const ended = Promise.all([heart?.stop(), runner.stop()]);
    this.losing = ended
      .catch((error) => this.options.log.error('the runner that lost the folder was not ended in order', error))
      .then(() => {
        this.losing = undefined;
        if (this.role === 'stopped') return;
        this.setRole('standby');
        this.standBy();
      });
  }

  private noteIdle(): void {
    const idle = this.idle;
    if (idle && !this.wasIdle) this.becameIdle.fire();
    this.wasIdle = idle;
  }

  private setRole(role: RunnerRole): void {
    if (this.role === role || this.role === 'stopped') return;
    this.role = role;
    this.options.log.info(`runner: ${role}${role === 'owner' ? ` (epoch ${this.epoch})` : ''}`);
    this.roleChanged.fire(role);
  }
}
