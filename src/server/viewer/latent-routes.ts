/** Dictionaries and their latents. */
import { Hono } from "hono";
import { z } from "zod";
import { latentQuerySchema } from "./api/latents.ts";
import type { ViewerEnvironment } from "./app.ts";
import type { LatentPages } from "./latent-pages.ts";
import { checked } from "./problem.ts";
import { readQuery } from "./read-query.ts";

const indexSchema = z.coerce.number().int().min(0);

export function latentRoutes({ latents }: { latents: LatentPages }): Hono<ViewerEnvironment> {
  const app = new Hono<ViewerEnvironment>();
  app.get("/api/saes", (c) => c.json(latents.list()));
  app.get("/api/saes/:sae/latents", async (c) =>
    c.json(await latents.page(c.req.param("sae"), readQuery(c, latentQuerySchema))),
  );
  app.get("/api/saes/:sae/latents/:latent", async (c) => {
    const latent = checked({
      schema: indexSchema,
      value: c.req.param("latent"),
      what: "The latent's number",
    });
    return c.json(await latents.detail(c.req.param("sae"), latent));
  });
  return app;
}
