import { readFolderId } from './folder';
import type { Layout } from './layout';
import { type FileMark, markOf, sameMark } from './wholeFile';

/** Whether the `.courier` at a path is still the one with this id: somebody may have deleted it, and somebody else made another there. */
export class FolderPlace {
  private seen: FileMark | undefined;

  constructor(
    private readonly layout: Layout,
    private readonly folderId: string,
  ) {}

  /** One small look. `gone` may be for a moment only, as when the workspace is being renamed. */
  async look(): Promise<'same' | 'gone' | 'another'> {
    const mark = await markOf(this.layout.folderFile);
    if (!mark) return 'gone';
    if (this.seen && sameMark(mark, this.seen)) return 'same';
    const id = await readFolderId(this.layout);
    // A folder.json that can't be read is no proof of another folder.
    if (id !== undefined && id !== this.folderId) return 'another';
    this.seen = mark;
    return 'same';
  }
}
