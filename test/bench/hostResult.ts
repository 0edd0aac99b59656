import * as fs from 'node:fs';

/** What VS Code calls in its extension host: measures, and writes down what `openVSCode` returns. */
export async function writeResult(measure: () => Promise<unknown>): Promise<void> {
  try {
    fs.writeFileSync(process.env.TEST_RESULTS!, JSON.stringify(await measure()));
  } catch (error) {
    // A remote extension host has no terminal: see test/host/index.ts.
    const { VSCODE_TEST_OUTPUT: output } = process.env;
    if (output) fs.appendFileSync(output, `${error}\n`);
    throw error;
  }
}
