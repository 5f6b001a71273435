/** Which runs and trials are worth a picture, found by asking the viewer. */
import type { z } from "zod";
import { saeListSchema } from "../../src/server/viewer/api/latents.ts";
import { runListSchema } from "../../src/server/viewer/api/runs.ts";
import { type TrialDetail, trialDetailSchema, trialPageSchema } from "../../src/server/viewer/api/trials.ts";

export interface Chosen {
  /** The run with the most trials, and its first two steered arms. */
  run: string;
  arms: [string, string];
  /** A trial that starts over, with latents recorded where there is one, and an arm to stand beside it. */
  trial: { run: string; key: string; latent: number | null; curve: string | null; beside: string | null };
  sae: string;
}

/** Throws where the folder has no run with two arms, or no trial that starts over. */
export async function choose({ url }: { url: string }): Promise<Chosen> {
  const get = async <T>(path: string, schema: z.ZodType<T>): Promise<T> =>
    schema.parse(await (await fetch(url + path)).json());
  const { runs } = await get("/api/runs", runListSchema);
  const bySize = runs.toSorted((a, b) => (b.run?.trials ?? 0) - (a.run?.trials ?? 0));
  const [largest] = bySize;
  const [first, second] = largest?.run?.arms.filter((arm) => arm !== "unsteered") ?? [];
  if (largest === undefined || first === undefined || second === undefined) {
    throw new Error("no run with two steered arms in this folder");
  }
  const { saes } = await get("/api/saes", saeListSchema);
  const found: { run: string; detail: TrialDetail }[] = [];
  for (const { id } of bySize) {
    const query = "outcome=improved&sort=change&direction=down&limit=5";
    const { rows } = await get(`/api/runs/${id}/trials?${query}`, trialPageSchema);
    for (const { key } of rows) {
      found.push({ run: id, detail: await get(`/api/runs/${id}/trials/${key}`, trialDetailSchema) });
    }
  }
  const best = found.find(({ detail }) => detail.activations.length > 0) ?? found[0];
  if (best === undefined) throw new Error("no trial of this folder starts over and improves");
  const { detail } = best;
  const columns = detail.activations.flatMap(({ latents }) => latents);
  const { key, latent } = detail.trial;
  const withRecord: string[] = [];
  for (const { arm, key: other } of detail.paired) {
    const { activations } = await get(`/api/runs/${best.run}/trials/${other}`, trialDetailSchema);
    if (activations.length > 0) withRecord.push(arm);
  }
  const beside = withRecord[0] ?? detail.paired[0]?.arm ?? null;
  return {
    run: largest.id,
    arms: [first, second],
    trial: {
      run: best.run,
      key,
      latent,
      curve: columns.some((column) => column.latent === latent) ? `latent:${latent}` : null,
      beside,
    },
    sae: saes[0]?.id ?? "",
  };
}
