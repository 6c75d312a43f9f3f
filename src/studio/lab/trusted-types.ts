// The page is served with require-trusted-types-for 'script'; the default policy lets it start workers of its own
// origin, and no other script.
type Policies = { createPolicy(name: "default", rules: { createScriptURL(address: string): string | null }): unknown };

/** Call once, before the first worker: in the page, and in a worker that starts workers. */
export function trustOwnWorkers(): void {
  const policies = (globalThis as { readonly trustedTypes?: Policies }).trustedTypes;
  policies?.createPolicy("default", {
    createScriptURL: (address) => (new URL(address, location.href).origin === location.origin ? address : null),
  });
}
