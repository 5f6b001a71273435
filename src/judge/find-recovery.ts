/** Whether a response returns to its topic without restart wording, and is language when it does. */
import type { Calibration } from "./calibration.ts";
import { fluencyOf, measureFluency } from "./fluency.ts";
import { bestRecovery, type Recovery } from "./implicit-recovery.ts";

/** Fluency that the rest has at least: text that is half broken has not recovered, whatever words of the topic it loops on. */
const LEAST_FLUENCY = 0.5;

export interface FindRecoveryOptions {
  /** Topicality, `[tokens]`. */
  curve: Float32Array;
  /** Given the own prompt, `[tokens]`. */
  logProbs: Float32Array;
  /** Ids, `[tokens]`. */
  tokens: Int32Array;
  calibration: Pick<Calibration, "recovery" | "fluency">;
}

/** Null where the response is too short to test, or the calibration has no threshold. */
export function findRecovery({
  curve,
  logProbs,
  tokens,
  calibration,
}: FindRecoveryOptions): (Recovery & { isFound: boolean }) | null {
  const { threshold } = calibration.recovery;
  const best = threshold === null ? null : bestRecovery({ curve, calibration: calibration.recovery });
  if (threshold === null || best === null) return null;
  const measures = measureFluency({ logProbs, tokens, span: { from: best.token, to: tokens.length } });
  const isFluent = fluencyOf({ measures, anchors: calibration.fluency }) >= LEAST_FLUENCY;
  return { ...best, isFound: best.statistic > threshold && isFluent };
}
