// Runs one file of figures, in a process of its own: node test/bench/run.mjs FILE full|short RESULTS
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const [file, form, results] = process.argv.slice(2);
const patience = 10_000;

const { measure } = createRequire(import.meta.url)(path.resolve(file));
const rows = await measure(form);
fs.writeFileSync(results, JSON.stringify(rows));
setTimeout(() => {
  console.error(`It measured, and did not end. Still open: ${process.getActiveResourcesInfo().join(', ')}`);
  process.exit(1);
}, patience).unref();
