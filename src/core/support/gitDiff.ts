import { CourierError } from './errors';
import { search } from './findExecutable';
import { cleanEnvironment, run } from './process';

/** An upper bound for git, in milliseconds. */
const limitMs = 60_000;

/** What is given to git so that no setting of a repository has it run another program or write anything. */
const plain = ['-c', 'core.fsmonitor=false', '--no-pager', '--no-optional-locks'];
const plainDiff = ['diff', '--no-ext-diff', '--no-textconv', '--no-color', '--src-prefix=a/', '--dst-prefix=b/'];

/** What is staged in the repository around a folder; empty when nothing is. Throws with git's own words. */
export function stagedDiff(dir: string): Promise<string> {
  return git(dir, [...plainDiff, '--cached']);
}

/** What changed below a folder since the last commit, staged or not, in files that git knows. Throws with git's own words. */
export function workingDiff(dir: string): Promise<string> {
  return git(dir, [...plainDiff, 'HEAD', '--', '.']);
}

async function git(dir: string, args: string[]): Promise<string> {
  const { file } = await search('git');
  if (!file) throw new CourierError('no_git', 'There is no program "git" on this machine, so nothing was sent.');
  const options = { cwd: dir, timeoutMs: limitMs, env: environment(), contained: true };
  const result = await run(file, [...plain, ...args], options);
  if (!result.failed) return result.stdout;
  // Outside of a repository git diff speaks of its options only.
  const place = await run(file, ['rev-parse', '--git-dir'], options);
  const said = place.failed ? place : result;
  const words = said.stderr.trim().split('\n')[0] || said.problem;
  throw new CourierError('git_failed', `git could not say what changed in ${dir}, so nothing was sent: ${words}`);
}

/** Ours without what would send git to another repository, or have it start a program. */
function environment(): NodeJS.ProcessEnv {
  const poison = /^GIT_(DIR|WORK_TREE|INDEX_FILE|COMMON_DIR|OBJECT_DIRECTORY|EXTERNAL_DIFF|DIFF_OPTS|PAGER|TRACE.*)$/;
  return Object.fromEntries(Object.entries(cleanEnvironment()).filter(([name]) => !poison.test(name)));
}
