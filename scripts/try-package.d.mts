// Types of try-package.mjs, for the tests.
export function npm(cwd: string, ...args: string[]): string;
export function pack(packageFolder: string, into: string): string;
export function packLibrary(into: string): Promise<string>;
