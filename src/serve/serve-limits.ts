// Against requests that are large, slow or many. Milliseconds, bytes and counts.
export const LIMITS = {
  body: 2 ** 24, //            of a request
  bodies: 2 ** 27, //          of all requests that are being read or answered
  headerBytes: 16_384,
  headers: 10_000, //          until a request's headers are there
  request: 30_000, //          until the request is there
  idle: 60_000, //             without a byte in either direction
  keepAlive: 60_000, //        between two requests
  connections: 2048,
  quiet: 500, //               on stopping: without a request, until connections that ask nothing are closed
};
export type ServeLimits = typeof LIMITS;
