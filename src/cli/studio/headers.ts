// The headers of every response, errors included.

/** Only the page's own files run or load: no inline script, no eval, no frame around the page, no form target. */
export const CONTENT_POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "connect-src 'self'",
  "img-src 'self' blob: data:",
  "style-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join("; ");

export const HEADERS: Readonly<Record<string, string>> = {
  "Content-Security-Policy": CONTENT_POLICY,
  "Cross-Origin-Opener-Policy": "same-origin", //     these two isolate the page, so that its threads can share memory
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  "Referrer-Policy": "no-referrer", //                the first address carries the token
  "Cache-Control": "no-store", //                     for data, and for responses that carry or need the token
};

/** For the page's own files, which hold no secret. */
export const KEPT = { "Cache-Control": "private, max-age=86400" };
