import type { FolderSnapshot } from '../core/store/snapshot';
import type { FolderService } from './folderService';

/** What this extension gives to others. Within a version, things are only added. */
export interface CourierApi {
  readonly version: 1;
  /** The window's workspace folders, each as its `.courier` folder stands now. */
  folders(): { path: string; directory: string; snapshot: FolderSnapshot | undefined }[];
}

/** Makes the API over the services. */
export function createApi(folders: FolderService): CourierApi {
  return {
    version: 1,
    folders: () =>
      folders.all.map(({ layout, snapshot }) => ({ path: layout.workspace, directory: layout.root, snapshot })),
  };
}
