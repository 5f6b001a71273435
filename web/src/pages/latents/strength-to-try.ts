import type { LatentDetail } from "../../../../src/server/viewer/api/latents.ts";

/** A dose at which answers of the default model leave the topic without falling apart. */
const DOSE = 0.6;

/** The threshold of a run that found one; else the strength of a usual dose; else 10. */
export function strengthToTry({
  runs,
  dosePerStrength,
}: Pick<LatentDetail, "runs" | "dosePerStrength">): number {
  const found = runs.find(({ threshold }) => threshold !== null)?.threshold;
  if (found !== undefined && found !== null) return found;
  return dosePerStrength === null || dosePerStrength === 0 ? 10 : DOSE / dosePerStrength;
}
