import * as fs from 'node:fs';
import * as path from 'node:path';

/** What a job's files and line are. */
export interface Prepared {
  instruction: string;
  promptPath: string;
  outputPath: string;
}

// datetime.now().strftime("%Y%m%d_%H%M%S")
const timestamp = (now: Date): string => {
  const two = (value: number) => String(value).padStart(2, '0');
  const date = `${now.getFullYear()}${two(now.getMonth() + 1)}${two(now.getDate())}`;
  return `${date}_${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}`;
};

/** The seed guide's prompt_preparer.py: writes the prompt to disk. */
export function preparePrompt(sessionPath: string, promptText: string, jobType = 'task'): Prepared {
  const time = timestamp(new Date());
  const [promptsDir, outputDir] = [path.join(sessionPath, 'prompts'), path.join(sessionPath, 'output')];
  for (const dir of [promptsDir, outputDir]) fs.mkdirSync(dir, { recursive: true });
  const promptPath = path.join(promptsDir, `${jobType}_${time}.txt`);
  const outputPath = path.join(outputDir, `${jobType}_output_${time}.txt`);
  const fullPrompt = `${promptText}

## Output Instructions:
Please write your complete response to: ${outputPath}

Make sure the file is fully written before returning.
`;
  fs.writeFileSync(promptPath, fullPrompt);
  const instruction = `Please read and process the prompt file at ${promptPath}. Write your output to ${outputPath}.`;
  return { instruction, promptPath, outputPath };
}
