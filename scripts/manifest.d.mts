// Types of manifest.mjs, for the tests.
export function packedManifest(manifest: object, options: { native: boolean }): Record<string, unknown>;
export function packedReadme(text: string, manifest: { version: string; repository: { url: string } }): string;
