import type { TestCourier } from '../support/testCourier';
import type { Trial } from './trial';

/** A prompt whose answer takes the Demo agent so many milliseconds. */
export const slowly = (ms: number) => `Something to do.\n\ndemo-mode: slow=${ms}\n`;

/** A workspace with a runner and a warm session. */
export async function warm(trial: Trial, settings: Parameters<Trial['courier']>[0] = {}) {
  const courier = await trial.courier(settings);
  await courier.runner();
  await trial.next(courier);
  return courier;
}

/** The process of the workspace's tmux server. */
export const serverPid = async (courier: TestCourier) =>
  Number((await courier.tmux('display-message', '-p', '#{pid}')).trim());

/** Sends a job of so many milliseconds, and waits until the agent works on it. */
export async function working(trial: Trial, courier: TestCourier, ms: number, session_id = 'main') {
  const id = await trial.send(courier, slowly(ms), { session_id });
  await courier.jobWhere(id, 'works', ({ phase }) => phase === 'working');
  return id;
}
