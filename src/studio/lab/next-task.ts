// A turn for whatever else waits for this thread.

/** Resolves in a task of its own. Not a timer: those wait 4 ms, as long as many short epochs. */
export const nextTask = () =>
  new Promise<void>((done) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      done();
    };
    port2.postMessage(null);
  });
