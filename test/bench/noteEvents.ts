import * as fs from 'node:fs';
import * as path from 'node:path';

/** Hooks in the user's own settings of Claude Code that keep these events in a folder, one file each, as our receipts are. */
export function noteEvents(home: string, dir: string, events: readonly string[]): void {
  const file = path.join(home, '.claude', 'settings.json');
  const command = `cat > '${dir}'/$$.tmp && mv '${dir}'/$$.tmp '${dir}'/$$.json`;
  const hooks = Object.fromEntries(events.map((event) => [event, [{ hooks: [{ type: 'command', command }] }]]));
  fs.mkdirSync(dir, { recursive: true, mode: 0o700 });
  fs.writeFileSync(file, JSON.stringify({ ...JSON.parse(fs.readFileSync(file, 'utf8')), hooks }));
}
