// Chooses the VS Code that the in-host tests run in.
import path from 'node:path';
import { downloadAndUnzipVSCode } from '@vscode/test-electron';
import { desktopVersion, ensureServer, repo } from './install.mjs';

/** Takes the place of desktop VS Code's executable. */
export const shim = path.join(repo, 'test/harness/code');

/** Desktop VS Code where it can be had and shown; else the shim (VS Code server + Chromium). VSCODE_TEST=desktop|server forces one. */
export async function pickVSCode() {
  const want = process.env.VSCODE_TEST;
  if (process.env.VSCODE_EXECUTABLE) return process.env.VSCODE_EXECUTABLE;
  const display = process.platform !== 'linux' || process.env.DISPLAY || process.env.WAYLAND_DISPLAY;
  if (want === 'desktop' || (want !== 'server' && display)) {
    try {
      const cachePath = path.join(repo, '.vscode-test');
      return await downloadAndUnzipVSCode({ version: desktopVersion, timeout: 15_000, cachePath });
    } catch (e) {
      if (want === 'desktop') throw e;
      console.error(`Desktop VS Code not to be had (${e.message}): using VS Code server`);
    }
  }
  ensureServer(); // here, and not in the shim: npm must see the user's own HOME
  return shim;
}
