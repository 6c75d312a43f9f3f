/** Pack the built pages of `dist` into `folder`, by default `dist`/pages. */
export function packPages(dist: string, folder?: string): void;
