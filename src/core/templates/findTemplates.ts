import { constants } from 'node:fs';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import type { Layout } from '../store/layout';
import { isRealFolder } from '../store/realFolder';
import { namesIn } from '../store/userState';
import { CourierError, messageOf } from '../support/errors';
import { parseTemplate, type Template } from './template';

/** A file of a templates folder: its template, or why it is none. */
export type FoundTemplate = { file: string; name: string } & ({ template: Template } | { problem: string });

/** More than any prompt that a person keeps; what is larger was not meant as one. */
const largest = 1024 * 1024;

/** The templates that came with a workspace: plain files of its `.courier`, reached without a link, so that nothing outside is read. */
export async function workspaceTemplates(layout: Layout): Promise<FoundTemplate[]> {
  if (!(await isRealFolder(layout, layout.templates))) return [];
  return templatesIn(layout.templates, constants.O_NOFOLLOW);
}

/** The templates of a folder that is the user's own, or ours; whoever keeps them elsewhere has links there. */
export async function templatesIn(dir: string, flags = 0): Promise<FoundTemplate[]> {
  const files = (await namesIn(dir)).filter((name) => name.endsWith('.md') && !name.startsWith('.')).sort();
  return Promise.all(files.map((name) => readTemplate(path.join(dir, name), flags)));
}

async function readTemplate(file: string, flags: number): Promise<FoundTemplate> {
  const name = path.basename(file, '.md');
  try {
    return { file, name, template: parseTemplate(await textOf(file, flags), name) };
  } catch (error) {
    return { file, name, problem: messageOf(error) };
  }
}

async function textOf(file: string, flags: number): Promise<string> {
  // A pipe that was put there is not waited for.
  const handle = await fs.open(file, constants.O_RDONLY | constants.O_NONBLOCK | flags);
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw new CourierError('bad_template', `${file} is not a plain file.`);
    if (stat.size > largest) throw new CourierError('bad_template', `${file} is larger than a template may be (1 MB).`);
    const bytes = await handle.readFile();
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    } catch (cause) {
      throw new CourierError('bad_template', `${file} is not UTF-8 text.`, { cause });
    }
  } finally {
    await handle.close();
  }
}
