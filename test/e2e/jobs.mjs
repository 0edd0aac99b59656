// What the steps look up in the workspace's files.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';

/** The jobs of a session that have ended, in the order of their ends. */
export function ended(wb, session = 'main') {
  const dir = path.join(wb.workspace, '.courier/sessions/active', session, 'history');
  if (!fs.existsSync(dir)) return [];
  const lines = fs.readdirSync(dir).flatMap((name) => fs.readFileSync(path.join(dir, name), 'utf8').split('\n'));
  return lines.filter(Boolean).map((line) => JSON.parse(line));
}

/** Waits for a condition; `what` is what it is for, or says that at the end; `limit` is in milliseconds. */
export async function until(condition, what, limit = 60_000) {
  for (const end = Date.now() + limit; !(await condition()); ) {
    if (Date.now() > end) assert.fail(`waited in vain for ${typeof what === 'function' ? what() : what}`);
    await new Promise((r) => setTimeout(r, 100));
  }
}
