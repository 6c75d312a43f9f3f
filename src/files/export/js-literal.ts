// A value as text of a module.

/** A value as JavaScript that is safe wherever the module is put, between script tags too. */
export function literal(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<\u007f-\uffff]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
