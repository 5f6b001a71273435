/** The HTTP application of `view`: the app's files, and the JSON interface that it reads. It knows nothing of sockets. */
import type { HttpBindings } from "@hono/node-server";
import { Hono } from "hono";
import { limitBody } from "../limit-body.ts";
import type { ViewSession } from "./api/session.ts";
import type { AppFiles } from "./app-files.ts";
import { allowedHostOnly, sameOriginOnly, securityHeaders, tokenForChanges } from "./guard.ts";
import type { LatentPages } from "./latent-pages.ts";
import { latentRoutes } from "./latent-routes.ts";
import { limitStreams } from "./limit-streams.ts";
import { HttpProblem, notFound, problemOf } from "./problem.ts";
import { type RunRoutesOptions, runRoutes } from "./run-routes.ts";
import { trialRoutes } from "./trial-routes.ts";

export type ViewerEnvironment = { Bindings: HttpBindings };

export interface ViewerAppOptions extends RunRoutesOptions {
  token: string;
  /** Host names that are let in besides addresses and `localhost`. */
  hostNames: readonly string[];
  files: AppFiles;
  session: () => Promise<ViewSession>;
  latents: LatentPages;
  /** Routes of the playground; they begin with `/api/playground`. */
  playground: Hono | null;
  /** Bytes of a request. */
  maxBody: number;
  /** Answers that may stay open at a time. */
  maxStreams: number;
  /** True once no more requests are taken. */
  isClosing: () => boolean;
}

export function viewerApp(options: ViewerAppOptions): Hono<ViewerEnvironment> {
  const { token, hostNames, files, session, playground, maxBody, maxStreams, isClosing } = options;
  const app = new Hono<ViewerEnvironment>();

  app.onError((error, c) => {
    const { status, problem } = problemOf(error);
    return c.json(problem, status);
  });
  app.use(securityHeaders());
  app.use(allowedHostOnly({ names: hostNames }));
  app.use(async (_, next) => {
    if (isClosing()) throw shuttingDown();
    await next();
  });
  app.use("/api/*", sameOriginOnly());
  app.use(tokenForChanges({ token }));
  app.use(limitBody({ most: maxBody, refuse: () => tooLarge(maxBody) }));
  const streams = limitStreams({ most: maxStreams });
  app.use("/api/runs/:run/live", streams);
  app.use("/api/playground/answer", streams);

  app.get("/api/session", async (c) => c.json(await session()));
  app.post("/api/session/check", (c) => c.body(null, 204));
  app.route("/", runRoutes(options));
  app.route("/", trialRoutes(options));
  app.route("/", latentRoutes(options));
  if (playground !== null) app.route("/", playground);
  app.all("/api/*", (c) => {
    throw notFound({
      what: `There is no ${c.req.method} ${c.req.path}.`,
      todo: "Use the viewer's own pages.",
    });
  });
  app.get("*", (c) => {
    const file = files.byPath.get(c.req.path) ?? (c.req.path.startsWith("/assets/") ? null : files.index);
    if (file === null) throw notFound({ what: "There is no such file.", todo: "Load the page again." });
    return c.body(file.bytes, 200, {
      "Content-Type": file.type,
      "Cache-Control": file.isHashed ? "public, max-age=31536000, immutable" : "no-cache",
    });
  });
  app.notFound((c) => {
    const { problem } = problemOf(notFound({ what: `There is no ${c.req.method} here.`, todo: "Use GET." }));
    return c.json(problem, 404);
  });
  return app;
}

function tooLarge(maxBody: number): never {
  throw new HttpProblem({
    status: 413,
    code: "BODY_TOO_LARGE",
    what: "The request is too large.",
    why: `Its body is longer than ${maxBody} bytes.`,
    todo: "Send less at a time.",
  });
}

function shuttingDown(): HttpProblem {
  return new HttpProblem({
    status: 503,
    code: "SHUTTING_DOWN",
    what: "The viewer is ending.",
    why: "It was told to stop.",
    todo: "Start it again with `countersteer view`.",
  });
}
