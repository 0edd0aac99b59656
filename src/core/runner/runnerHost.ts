import { openFolder } from '../store/folder';
import type { FolderState, Registration } from '../store/userState';
import { type Disposable, DisposableStore } from '../support/disposables';
import { Emitter } from '../support/events';
import { ownIdentity } from '../support/processIdentity';
import { watchPaths } from '../support/watch';
import { beat, createClaim, heartbeatEvery, readClaim, release, superseded, sweepClaims } from './claims';
import { Runner, type RunnerOptions } from './runner';

export type { RunnerOptions } from './runner';
export type RunnerRole = 'owner' | 'standby' | 'stopped';

/** Keeps a runner for a folder: claims it, or stands by while another owns it and takes over when that one ends. */
export class RunnerHost implements Disposable {
  private readonly own = new DisposableStore();
  private readonly roleChanged = this.own.add(new Emitter<RunnerRole>());
  private readonly becameIdle = this.own.add(new Emitter<void>());
  private readonly worked = this.own.add(new Emitter<void>());
  private folder!: FolderState;
  private runner: Runner | undefined;
  private owned: DisposableStore | undefined;
  private standing: DisposableStore | undefined;
  private epoch = 0;
  private trying: Promise<void> | undefined;
  private wasIdle = false;
  role: RunnerRole = 'standby';
  readonly onDidChangeRole = this.roleChanged.event;
  /** Fires when the last live job has ended and no request waits. */
  readonly onDidBecomeIdle = this.becameIdle.event;
  /** Fires after each round of this process's runner: a job may have moved on. */
  readonly onDidWork = this.worked.event;

  constructor(private readonly options: RunnerOptions) {}

  /** Whether there is no live job and no unread request; false when another process owns the folder. */
  get idle(): boolean {
    return this.runner?.idle ?? false;
  }

  /** Claims the folder or stands by. Throws `not_adopted` for a folder that this machine did not make. */
  async start(): Promise<'owner' | 'standby'> {
    const { layout, user, clock } = this.options;
    const registration = await openFolder(layout, user, clock);
    this.folder = user.folder(registration.folder_id);
    try {
      await this.tryToOwn(registration);
    } catch (error) {
      this.own.dispose();
      throw error;
    }
    return this.role === 'owner' ? 'owner' : 'standby';
  }

  /** Leaves the agents as they are and gives the claim back, so that another may take over at once. */
  async stop(): Promise<void> {
    if (this.role === 'stopped') return;
    this.setRole('stopped');
    // A claim that is under way may still succeed, and is given back then, too.
    await this.trying?.catch(() => undefined);
    this.owned?.dispose();
    const { runner } = this;
    this.runner = undefined;
    await runner?.stop();
    if (runner) await release(this.folder, this.epoch);
    this.own.dispose();
  }

  dispose(): void {
    void this.stop().catch((error) => this.options.log.error('the runner could not be stopped', error));
  }

  private tryToOwn(known?: Registration): Promise<void> {
    if (this.role !== 'standby') return Promise.resolve();
    this.trying ??= this.claim(known).finally(() => {
      this.trying = undefined;
      if (this.role === 'standby') this.standBy();
    });
    return this.trying;
  }

  /** Looks for the owner's end as long as this is not the owner: a claim's files say it, and a slow look beside them. */
  private standBy(): void {
    if (this.standing) return;
    const { clock, settings, log } = this.options;
    const look = () => void this.tryToOwn().catch((error) => log.error('the folder could not be claimed', error));
    const onError = (error: unknown) => log.warn(`watching claims: ${error}`);
    this.standing = this.own.add(new DisposableStore());
    this.standing.add(watchPaths([this.folder.claims], look, { usePolling: settings.use_polling, onError }));
    this.standing.add(clock.every(heartbeatEvery, look));
  }

  private async claim(known?: Registration): Promise<void> {
    const { clock, kind, programVersion, layout, user } = this.options;
    const newest = await readClaim(this.folder, clock);
    if (newest.runner) return;
    const epoch = newest.epoch + 1;
    // A folder that was followed for a while may have become another one.
    const registration = known ?? (await openFolder(layout, user, clock));
    const claim = { epoch, kind, program_version: programVersion, process: await ownIdentity() };
    if (!(await createClaim(this.folder, claim, clock))) return;
    // Stopped meanwhile, or so slow that others have claimed and swept since the newest epoch was read.
    if (this.role !== 'standby' || (await superseded(this.folder, epoch))) return release(this.folder, epoch);
    this.epoch = epoch;
    this.owned = new DisposableStore();
    this.owned.add(clock.every(heartbeatEvery, () => void this.heartbeat()));
    const runner = new Runner(this.options, registration, epoch);
    this.owned.add(runner.onDidLose(() => void this.lose()));
    this.owned.add(
      runner.onDidRound(() => {
        this.worked.fire();
        this.noteIdle();
      }),
    );
    this.runner = runner;
    try {
      await runner.start();
    } catch (error) {
      this.owned.dispose();
      this.runner = undefined;
      await runner.stop().catch((stopping) => this.options.log.debug(String(stopping)));
      await release(this.folder, epoch);
      throw error;
    }
    // Another may have taken the folder over while this one started.
    if (this.role !== 'standby' || this.runner !== runner) return;
    this.setRole('owner');
    this.standing?.dispose();
    this.standing = undefined;
    await sweepClaims(this.folder, epoch);
  }

  private async heartbeat(): Promise<void> {
    try {
      await beat(this.folder, this.epoch, this.options.clock);
    } catch (error) {
      this.options.log.error('the heartbeat could not be written', error);
    }
  }

  /** Another runner owns the folder now: this one ends its work without touching anything more, and stands by. */
  private async lose(): Promise<void> {
    const { runner, owned } = this;
    this.runner = undefined;
    owned?.dispose();
    await runner?.stop();
    if (this.role === 'stopped') return;
    this.setRole('standby');
    this.standBy();
  }

  private noteIdle(): void {
    const idle = this.idle;
    if (idle && !this.wasIdle) this.becameIdle.fire();
    this.wasIdle = idle;
  }

  private setRole(role: RunnerRole): void {
    if (this.role === role) return;
    this.role = role;
    this.options.log.info(`runner: ${role}${role === 'owner' ? ` (epoch ${this.epoch})` : ''}`);
    this.roleChanged.fire(role);
  }
}
