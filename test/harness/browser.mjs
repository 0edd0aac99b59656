// The machine's Chromium or Chrome, driven by playwright-core.
import fs from 'node:fs';
import { findChromium } from '../scripts/tools.mjs';

const args = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-software-rasterizer',
  '--disable-quic',
  '--no-first-run',
];
const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync'];

/** Starts a headless browser. Its end is ours to see to: Playwright's own signal handlers would leave the server behind. */
export async function launchBrowser({ env = {} } = {}) {
  const { chromium } = await import('playwright-core');
  const executablePath = findChromium();
  if (!executablePath || !fs.existsSync(executablePath)) {
    throw new Error('No Chromium found: install it (Debian: apt-get install chromium), or set CHROMIUM');
  }
  return chromium.launch({
    executablePath,
    env: { ...process.env, ...env },
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
    args: [...args, ...quiet],
  });
}
