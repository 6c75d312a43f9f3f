/** Build the library and the command line into `dist`, without the pages. */
export function buildLibrary(dist: string): Promise<void>;
