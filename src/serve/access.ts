// Who is answered: on the loopback only requests to its own address, from no other site's page; elsewhere, and
// where a token was given, only those that carry it in their Authorization header. Never in an address, which is
// kept and shared.
import type { IncomingMessage } from "node:http";
import { HttpRefusal } from "./http-refusal.ts";
import { OwnAddress, oneHost, sameSecret } from "./own-address.ts";

/** Whether `host` is reached from this machine alone. */
export const isLoopback = (host: string): boolean => /^(?:127(?:\.\d{1,3}){3}|::1|localhost)$/.test(host);

export type Access = {
  /** Where the server listens. */
  readonly host: string;
  readonly port: number;
  /** What a request must carry; none where undefined. */
  readonly token: string | undefined;
};

/** Paths that are answered without the token: probes, and the page, which holds no secret. */
const OPEN = /^\/(?:favicon\.ico|v2\/health\/(?:live|ready))?$/;

/** Raises HttpRefusal for a request that is not to be answered. */
export function admit({ host, port, token }: Access): (request: IncomingMessage) => void {
  const own = isLoopback(host) ? new OwnAddress(port) : undefined;
  return (request) => {
    const stranger = own ? own.stranger(request) : oneHost(request) ? undefined : "host";
    if (stranger === "host") throw new HttpRefusal(403, "This is not the host that was asked for.");
    if (stranger === "page") throw new HttpRefusal(403, "Only this server's own page may ask.");
    if (token === undefined || OPEN.test(request.url!.split("?", 1)[0]!)) return;
    const [, given = ""] = /^Bearer ([\x21-\x7e]+)$/i.exec(request.headers.authorization ?? "") ?? [];
    if (!sameSecret(given, token))
      throw new HttpRefusal(401, "Send the token: Authorization: Bearer …", { "www-authenticate": "Bearer" });
  };
}
