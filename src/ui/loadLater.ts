import type * as later from './later';

/** Loads what the first picture does without; the file that is loaded first gives it to who needs it, so that nothing imports it. */
export type LoadLater = () => Promise<typeof later>;
