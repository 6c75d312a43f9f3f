// Waiting for the page to draw.

/** Resolves once the page has drawn what changed; at once where it is hidden, and draws nothing. */
export const painted = (): Promise<void> =>
  document.hidden ? Promise.resolve() : new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
