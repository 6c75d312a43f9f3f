// Types of join.mjs, for the scripts and tests.
export const ENTRIES: readonly string[];
export function buildCommonJs(dist: string): Promise<void>;
export function joinEntries(dist: string): Promise<void>;
