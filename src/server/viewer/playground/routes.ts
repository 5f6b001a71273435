/** `GET /api/playground`, `POST /api/playground/answer` (server-sent events) and `POST /api/playground/save`. */
import { type Context, Hono } from "hono";
import { streamSSE } from "hono/streaming";
import {
  type PlaygroundEvent,
  playgroundRequestSchema,
  playgroundSchema,
  savedSchema,
  saveRequestSchema,
} from "../api/playground.ts";
import { checked, HttpProblem, problemOf } from "../problem.ts";
import type { Playground } from "./playground.ts";

export interface PlaygroundRoutesOptions {
  playground: Playground;
}

/** Throws into the application that it is mounted in: a refusal comes before the first event, with its own status. */
export function playgroundRoutes({ playground }: PlaygroundRoutesOptions): Hono {
  const app = new Hono();
  app.get("/api/playground", async (c) => c.json(playgroundSchema.parse(await playground.describe())));
  app.post("/api/playground/answer", async (c) => {
    const request = checked({
      schema: playgroundRequestSchema,
      value: await jsonOf(c),
      what: "The question",
    });
    const turn = await playground.take(request);
    const gone = new AbortController();
    const signal = AbortSignal.any([c.req.raw.signal, gone.signal]);
    return streamSSE(c, async (stream) => {
      stream.onAbort(() => gone.abort());
      let sent = Promise.resolve();
      // chained, so that events arrive in the order in which they happened
      const emit = (event: PlaygroundEvent) => {
        sent = sent.then(() => stream.writeSSE({ data: JSON.stringify(event) }));
      };
      try {
        await turn.answer({ signal, emit });
      } catch (error) {
        emit({ type: "problem", ...problemOf(error).problem });
      } finally {
        turn.release();
        await sent;
      }
    });
  });
  app.post("/api/playground/save", async (c) => {
    const request = checked({
      schema: saveRequestSchema,
      value: await jsonOf(c),
      what: "The list of answers",
    });
    return c.json(savedSchema.parse({ run: playground.save(request) }));
  });
  return app;
}

async function jsonOf(c: Context): Promise<unknown> {
  try {
    return await c.req.json();
  } catch (cause) {
    throw new HttpProblem({
      status: 400,
      code: "REQUEST_INVALID",
      what: "The body can't be read.",
      why: "It is no JSON.",
      todo: "Send JSON.",
      cause,
    });
  }
}
