// Types of join.mjs, for the scripts and tests.
export const ENTRIES: readonly string[];
export function buildCommonJs(modules: string, folder: string): Promise<void>;
export function buildModules(modules: string, dist: string): Promise<void>;
