/**
 * Who may ask the viewer what. A page of another origin must not read through the visitor's browser (Host, Origin and Sec-Fetch-Site), nor must
 * anybody without the token of this start change or run anything; and a page that the viewer serves may do nothing but what the viewer needs.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import { isAllowedHost } from "../allowed-host.ts";
import { TOKEN_HEADER } from "./api/session.ts";
import { HttpProblem } from "./problem.ts";

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

const HEADERS: Readonly<Record<string, string>> = {
  "Content-Security-Policy": POLICY,
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
};

/** Requests that only read. */
const READING = ["GET", "HEAD"];

/** On every answer, refusals as well. Whoever has not said how long an answer keeps is taken to mean not at all. */
export function securityHeaders(): MiddlewareHandler {
  return async (c, next) => {
    await next();
    for (const [name, value] of Object.entries(HEADERS)) c.res.headers.set(name, value);
    if (!c.res.headers.has("Cache-Control")) c.res.headers.set("Cache-Control", "no-store");
  };
}

/** Refuses a Host that names a foreign host: a page whose name was made to point here (DNS rebinding). */
export function allowedHostOnly({ names }: { names: readonly string[] }): MiddlewareHandler {
  return async (c, next) => {
    if (!isAllowedHost({ host: c.req.header("host"), names })) {
      throw new HttpProblem({
        status: 403,
        code: "HOST_NOT_ALLOWED",
        what: "The request was not made to this server.",
        why: "Its Host header names a host that is no address, is not localhost, and was not allowed.",
        todo: "Use the link that `countersteer view` printed, or start it with --allow-host NAME.",
      });
    }
    await next();
  };
}

/** Refuses what a browser says was asked for by another site's page. Programs that are no browser say nothing. */
export function sameOriginOnly(): MiddlewareHandler {
  return async (c, next) => {
    const { origin, host, "sec-fetch-site": site } = c.req.header();
    const isOwn = origin === undefined || origin.toLowerCase() === `http://${host ?? ""}`.toLowerCase();
    // "none" is an address that a person typed
    const isDirect = site === "none" && READING.includes(c.req.method);
    if (!isOwn || !(site === undefined || site === "same-origin" || isDirect)) {
      throw new HttpProblem({
        status: 403,
        code: "ORIGIN_NOT_ALLOWED",
        what: "The request comes from a page that the viewer did not serve.",
        why: `The browser says: Origin ${origin ?? "absent"}, Sec-Fetch-Site ${site ?? "absent"}.`,
        todo: "Use the viewer's own pages.",
      });
    }
    await next();
  };
}

/** Everything but reading needs the token. */
export function tokenForChanges({ token }: { token: string }): MiddlewareHandler {
  const wanted = digest(token);
  return async (c, next) => {
    const given = c.req.header(TOKEN_HEADER);
    // digests have one length, so that the comparison tells nothing by its time
    if (!READING.includes(c.req.method) && !timingSafeEqual(digest(given ?? ""), wanted)) {
      throw new HttpProblem({
        status: 401,
        code: "TOKEN_INVALID",
        what: "The request has no valid token.",
        why: "Whatever changes something or runs the model needs the token of this start of the viewer.",
        todo: "Open the link that `countersteer view` printed when it started.",
      });
    }
    await next();
  };
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
