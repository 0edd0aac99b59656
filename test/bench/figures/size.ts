import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import * as path from 'node:path';
import { makeTempDir } from '../../support/tempDir';
import type { Figure, Measure } from '../figure';

const kilobytes = (...files: string[]) => files.reduce((sum, file) => sum + statSync(file).size / 1000, 0);

/** How large what VS Code loads is, and what is installed: as it was packed before (E2E_VSIX), or is now. */
export const measure: Measure = async () => {
  const temp = await makeTempDir();
  try {
    const file = process.env.E2E_VSIX || packed(path.join(temp.path, 'tmux-courier.vsix'));
    const later = [`dist/runner.js`, `dist/execa.js`, `dist/fflate.js`].map(
      (name) => `${name} ${Math.round(kilobytes(name))} kB`,
    );
    return [
      {
        ...size('dist/extension.js with dist/shared.js', kilobytes('dist/extension.js', 'dist/shared.js'), 350),
        note: `what VS Code loads at once; later ${later.join(', ')}`,
      },
      size('the whole .vsix', kilobytes(file), 500),
    ];
  } finally {
    await temp.remove();
  }
};

function packed(file: string): string {
  const script = `import('./test/scripts/prepare.mjs').then((m) => m.packageVsix(process.argv[1]))`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', script, file], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stdout + stderr);
  return file;
}

function size(name: string, us: number, most: number): Figure {
  return { name, unit: 'kB', us, goals: [{ at: 'most', value: most, of: 'value' }], runs: 1, spread: [us, us] };
}
