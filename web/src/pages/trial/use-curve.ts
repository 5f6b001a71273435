/** The values of a chosen curve, which a recorded latent's have to be asked for. */
import { useMemo } from "react";
import { type TrialDetail, trialActivationsSchema } from "../../../../src/server/viewer/api/trials.ts";
import { apiPath } from "../../lib/api.ts";
import { useApi } from "../../lib/use-api.ts";
import type { CurveChoice } from "./curves.ts";
import { smooth } from "./smooth.ts";

export interface ShownCurve {
  /** As measured, `[tokens]`; empty where there is no curve, or not yet. */
  raw: readonly (number | null)[];
  /** Averaged over neighbours. */
  values: readonly (number | null)[];
  error: Error | null;
}

export interface UseCurveOptions {
  run: string;
  trial: Pick<TrialDetail["trial"], "key" | "offsets"> | undefined;
  choice: CurveChoice | null;
  window: number;
}

const NOTHING: readonly (number | null)[] = [];

export function useCurve({ run, trial, choice, window }: UseCurveOptions): ShownCurve {
  const latent = choice?.kind === "latent" ? choice : null;
  const { data, error } = useApi({
    path: apiPath`/api/runs/${run}/trials/${trial?.key ?? ""}/activations/${latent?.recording ?? ""}`,
    query: { latent: latent?.latent },
    schema: trialActivationsSchema,
    enabled: latent !== null && trial !== undefined,
  });
  const raw =
    choice?.kind === "topicality" ? choice.values : ((latent === null ? undefined : data?.values) ?? NOTHING);
  const values = useMemo(() => smooth({ values: raw, window }), [raw, window]);
  return { raw, values, error: latent === null ? null : error };
}
