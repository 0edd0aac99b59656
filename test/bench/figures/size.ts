import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import * as path from 'node:path';
import { makeTempDir } from '../../support/tempDir';
import type { Figure, Measure } from '../figure';

const kilobytes = (...files: string[]) => files.reduce((sum, file) => sum + statSync(file).size / 1000, 0);

/** How large what VS Code loads is, and what is installed: as it was packed before (E2E_VSIX), or is now. */
export const measure: Measure = async () => {
  const temp = await makeTempDir();
  try {
    const file = process.env.E2E_VSIX || packed(path.join(temp.path, 'tmux-courier.vsix'));
    const chunks = readdirSync('dist').flatMap((name) => (/^chunk-\w+\.js$/.test(name) ? [`dist/${name}`] : []));
    const window = ['dist/extension.js', 'dist/folder.js', 'dist/later.js', ...chunks];
    const first = ['dist/extension.js', ...chunks.filter((name) => isLoadedBy('dist/extension.js', name))];
    const later = [`dist/runner.js`, `dist/execa.js`, `dist/chokidar.js`, `dist/fflate.js`].map(
      (name) => `${name} ${Math.round(kilobytes(name))} kB`,
    );
    return [
      {
        ...size('dist/extension.js with all that every window loads', kilobytes(...window), 350),
        note: `${Math.round(kilobytes(...first))} kB of it for the first picture; when they are needed ${later.join(', ')}`,
      },
      size('the whole .vsix', kilobytes(file), 500),
    ];
  } finally {
    await temp.remove();
  }
};

const isLoadedBy = (file: string, other: string) =>
  readFileSync(file, 'utf8').includes(`require("./${path.basename(other)}")`);

function packed(file: string): string {
  const script = `import('./test/scripts/prepare.mjs').then((m) => m.packageVsix(process.argv[1]))`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', script, file], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stdout + stderr);
  return file;
}

function size(name: string, us: number, most: number): Figure {
  return { name, unit: 'kB', us, goals: [{ at: 'most', value: most, of: 'value' }], runs: 1, spread: [us, us] };
}
