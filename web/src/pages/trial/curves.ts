/** What the tokens of a trial can be coloured by. */
import { z } from "zod";
import type { TrialDetail } from "../../../../src/server/viewer/api/trials.ts";

export type CurveChoice =
  | { id: string; kind: "topicality"; name: string; values: number[] }
  | { id: string; kind: "latent"; name: string; recording: string; latent: number };

export const NO_CURVE = "none";
const curveSchema = z.array(z.number());

/**
 * Judges' curves first, then recorded latents, the steered one first. A latent's id does not name its recording: the arms of a unit may have
 * recorded it under different names. A curve of another length than the response has tokens is left out.
 */
export function curveChoices({
  trial,
  judgements,
  activations,
}: Pick<TrialDetail, "trial" | "judgements" | "activations">): CurveChoice[] {
  const curves = judgements.flatMap(({ judge, repeat, detail }): CurveChoice[] => {
    const { success, data } = curveSchema.safeParse(detail.curve);
    if (!success || data.length !== trial.offsets.length || data.length === 0) return [];
    const by = repeat === 0 ? judge : `${judge} #${repeat}`;
    return [{ id: `judge:${by}`, kind: "topicality", name: `topicality by ${by}`, values: data }];
  });
  const seen = new Map<number, CurveChoice>();
  for (const { name: recording, latents } of activations) {
    for (const { latent, label } of latents) {
      if (seen.has(latent)) continue;
      const role = latent === trial.latent ? "steered latent" : "latent";
      const name = `${role} ${latent}${label === null ? "" : `: ${label}`}`;
      seen.set(latent, { id: latentId(latent), kind: "latent", name, recording, latent });
    }
  }
  const steered = trial.latent === null ? undefined : seen.get(trial.latent);
  const others = [...seen.values()].filter((choice) => choice !== steered);
  return [...curves, ...(steered === undefined ? [] : [steered]), ...others];
}

function latentId(latent: number): string {
  return `latent:${latent}`;
}

/** The one that was asked for; where none was, or it is not there, the first. null where there is none, or none is wanted. */
export function chosenCurve(choices: readonly CurveChoice[], asked: string | undefined): CurveChoice | null {
  if (asked === NO_CURVE) return null;
  return choices.find(({ id }) => id === asked) ?? choices[0] ?? null;
}

/** The same curve of another trial of the unit; null where that trial has none. */
export function sameCurve(choices: readonly CurveChoice[], curve: CurveChoice | null): CurveChoice | null {
  return choices.find(({ id }) => id === curve?.id) ?? null;
}
