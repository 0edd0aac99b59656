import type * as folder from './folderParts';
import type * as later from './later';

/** Loads what the first picture does without; the file that is loaded first gives it to who needs it, so that nothing imports it. */
export interface LoadLater {
  /** What follows a folder's files. */
  folder(): Promise<typeof folder>;
  /** All else, when the files have been looked at or somebody asks for it. */
  rest(): Promise<typeof later>;
}
