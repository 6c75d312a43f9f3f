// Types of native-package.mjs, for the tests.
export type NativePackage = { name: string; os: string; cpu: string; libc?: string };
export function nativePackages(): NativePackage[];
export function ownPackage(): NativePackage | undefined;
export function writeNativePackage(into: string, file?: string): string;
