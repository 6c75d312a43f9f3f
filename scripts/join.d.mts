// Types of join.mjs, for the scripts and tests.
export const ENTRIES: readonly string[];
export function buildCommonJs(dist: string): Promise<void>;
export function joinPredict(dist: string): Promise<void>;
