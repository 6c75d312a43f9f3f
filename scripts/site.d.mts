// What site.mjs exports, for its tests.
export const SECTIONS: Readonly<Record<string, readonly string[]>>;
export function notePage(): string;
export function commandsPage(): Promise<string>;
export function buildSite(
  folder: string,
  options: { readonly commands: string; readonly studio?: string },
): Promise<readonly string[]>;
