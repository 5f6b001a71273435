/** Which runs and trials are worth a picture, found by asking the viewer. */
import type { z } from "zod";
import { saeListSchema } from "../../src/server/viewer/api/latents.ts";
import { runListSchema } from "../../src/server/viewer/api/runs.ts";
import { type TrialDetail, trialDetailSchema, trialPageSchema } from "../../src/server/viewer/api/trials.ts";

export interface Chosen {
  /** Where the model starts over and improves most often on its own, and the first two steered arms. */
  run: string;
  arms: [string, string];
  /** The trial of this run that improves most. */
  trial: string;
  /** A trial with recorded latents, and an arm that has them too; the same trial where nothing is recorded. */
  pair: { run: string; trial: string; curve: string | null; beside: string | null };
  sae: string;
}

interface Improved {
  run: string;
  total: number;
  /** The best of them. */
  details: TrialDetail[];
}

/** Throws where the folder has no trial that starts over and improves on its own, or its run has no two steered arms. */
export async function choose({ url }: { url: string }): Promise<Chosen> {
  const get = async <T>(path: string, schema: z.ZodType<T>): Promise<T> =>
    schema.parse(await (await fetch(url + path)).json());
  const trial = (run: string, key: string) => get(`/api/runs/${run}/trials/${key}`, trialDetailSchema);
  const { runs } = await get("/api/runs", runListSchema);
  const { saes } = await get("/api/saes", saeListSchema);
  const improved: Improved[] = [];
  for (const { id: run } of runs) {
    const query = "outcome=improved&sort=change&direction=down&limit=5";
    const { total, rows } = await get(`/api/runs/${run}/trials?${query}`, trialPageSchema);
    improved.push({ run, total, details: await Promise.all(rows.map(({ key }) => trial(run, key))) });
  }

  const [most] = improved
    .map(({ details, ...rest }) => ({ ...rest, details: details.filter(isOwn) }))
    .filter(({ details }) => details.length > 0)
    .toSorted((a, b) => b.total - a.total);
  const best = most?.details[0];
  if (most === undefined || best === undefined)
    throw new Error("no trial of this folder starts over and improves");
  const arms = runs.find(({ id }) => id === most.run)?.run?.arms ?? [];
  const [first, second] = arms.filter((arm) => !arm.includes("unsteered"));
  if (first === undefined || second === undefined)
    throw new Error("no run with two steered arms in this folder");
  return {
    run: most.run,
    arms: [first, second],
    trial: best.trial.key,
    pair: await pairOf({ improved, trial, otherwise: { run: most.run, detail: best } }),
    sae: saes[0]?.id ?? "",
  };
}

/** False where the model was given how it begins. */
function isOwn({ made }: TrialDetail): boolean {
  return (made.content.prefill ?? null) === null;
}

async function pairOf({
  improved,
  trial,
  otherwise,
}: {
  improved: readonly Improved[];
  trial: (run: string, key: string) => Promise<TrialDetail>;
  otherwise: { run: string; detail: TrialDetail };
}): Promise<Chosen["pair"]> {
  const recorded = improved.flatMap(({ run, details }) =>
    details.filter(({ activations }) => activations.length > 0).map((detail) => ({ run, detail })),
  );
  const { run, detail } = recorded[0] ?? otherwise;
  const { key, latent } = detail.trial;
  const others = await Promise.all(
    detail.paired.map(async (pair) => ({
      arm: pair.arm,
      has: (await trial(run, pair.key)).activations.length > 0,
    })),
  );
  const has = detail.activations.some(({ latents }) => latents.some((each) => each.latent === latent));
  return {
    run,
    trial: key,
    curve: has ? `latent:${latent}` : null,
    beside: (others.find((other) => other.has) ?? others[0])?.arm ?? null,
  };
}
