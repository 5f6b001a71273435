/** Answers that stay open, counted over all routes that have them: beyond a number more are refused, so that the rest of the server lives on. */
import type { HttpBindings } from "@hono/node-server";
import type { MiddlewareHandler } from "hono";
import { HttpProblem } from "./problem.ts";

/** One counter for every route that it is put before. */
export function limitStreams({ most }: { most: number }): MiddlewareHandler<{ Bindings: HttpBindings }> {
  let open = 0;
  return async (c, next) => {
    if (open >= most) {
      c.header("Retry-After", "5");
      throw new HttpProblem({
        status: 503,
        code: "TOO_MANY_STREAMS",
        what: `${open} live answers are open.`,
        why: `This server keeps at most ${most} open at a time.`,
        todo: "Close other tabs of the viewer, or try again later.",
      });
    }
    const { outgoing } = c.env;
    open++;
    let isOpen = true;
    const release = () => {
      if (isOpen) open--;
      isOpen = false;
    };
    outgoing.once("close", release);
    if (outgoing.closed) release();
    await next();
  };
}
