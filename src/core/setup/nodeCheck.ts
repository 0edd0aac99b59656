import { fine, type SetupCheck, type SetupInput } from './check';

/** The lowest Node that runs us (package.json, `engines`). */
const floor = [20, 19] as const;

/** Whether a version of Node ("20.19.0") is new enough. */
export function isNodeEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > floor[0] || (major === floor[0] && minor >= floor[1]);
}

/** Whether the Node that runs this process is new enough for the runner and the command line. */
export function checkNode({ nodeVersion }: Pick<SetupInput, 'nodeVersion'>): SetupCheck[] {
  if (isNodeEnough(nodeVersion)) return [fine('node', `Node ${nodeVersion}`, process.execPath)];
  return [
    {
      id: 'node',
      status: 'problem',
      title: `Node ${nodeVersion} is too old`,
      detail: `Tmux Courier needs Node ${floor.join('.')} or later; this is ${process.execPath}. Upgrade it, or start courier with a newer one.`,
      fixes: [],
    },
  ];
}
