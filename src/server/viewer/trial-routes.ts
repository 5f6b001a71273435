/** A run's trials: the table, one of them whole, and what was recorded of its tokens. */
import { type Context, Hono } from "hono";
import { z } from "zod";
import { neighboursOf, queryTrials } from "../../store/trial-query.ts";
import { type TrialDetail, type TrialPage, trialQuerySchema } from "./api/trials.ts";
import type { ViewerEnvironment } from "./app.ts";
import type { LatentPages } from "./latent-pages.ts";
import type { OpenRuns } from "./open-runs.ts";
import { readQuery } from "./read-query.ts";
import { judgeOf } from "./run-page.ts";
import type { RunShelf } from "./run-shelf.ts";
import { trialActivations, trialDetail } from "./trial-detail.ts";

export interface TrialRoutesOptions {
  shelf: RunShelf;
  opened: OpenRuns;
  latents: LatentPages;
}

const activationsQuerySchema = z.strictObject({ latent: z.coerce.number().int().min(0) });

export function trialRoutes({ shelf, opened, latents }: TrialRoutesOptions): Hono<ViewerEnvironment> {
  const app = new Hono<ViewerEnvironment>();
  const runOf = (c: Context) => shelf.run(c.req.param("run") ?? "");

  app.get("/api/runs/:run/trials", (c) => {
    const { sort, direction, offset, limit, ...filter } = readQuery(c, trialQuerySchema);
    const page = opened.read(runOf(c), (store): TrialPage => {
      const judge = judgeOf({ store, filter });
      const table = { store, filter: { ...filter, judge }, sort, direction, offset, limit };
      return { ...queryTrials(table), offset };
    });
    return c.json(page);
  });
  app.get("/api/runs/:run/trials/:key", (c) => {
    const { sort, direction, offset: _, limit: __, ...filter } = readQuery(c, trialQuerySchema);
    const key = c.req.param("key");
    const run = runOf(c);
    const labelOf = latents.labelOf(opened.read(run, (store) => store.manifest().sae?.hash ?? null));
    const detail = opened.read(run, (store): TrialDetail => {
      const judge = judgeOf({ store, filter });
      const table = { store, filter: { ...filter, judge }, sort, direction };
      return { ...trialDetail({ store, key, judge, labelOf }), ...neighboursOf({ ...table, key }) };
    });
    return c.json(detail);
  });
  app.get("/api/runs/:run/trials/:key/activations/:name", (c) => {
    const { latent } = readQuery(c, activationsQuerySchema);
    const { key, name } = c.req.param();
    return c.json(opened.read(runOf(c), (store) => trialActivations({ store, key, name, latent })));
  });
  return app;
}
