/** Thresholds of result files. A file holds the found strength alone, so the rest of the record says what can be said for sure. */
import type { ThresholdInput } from "../threshold-table.ts";
import type { ReferenceSettings } from "./schema.ts";

export interface ThresholdOf {
  arm: string;
  latent: number;
  strength: number;
  settings: ReferenceSettings;
}

/** Collects each strength once a latent, under the arm that had it first, and `arm#2` where files of one arm disagree. */
export class ThresholdRows {
  readonly #byLatent = new Map<number, ThresholdInput[]>();

  rows(): ThresholdInput[] {
    return [...this.#byLatent.values()].flat();
  }

  /** Nothing is added where the settings don't state the range of the search: the interval would be made up. */
  add({ arm, latent, strength, settings }: ThresholdOf): void {
    const { threshold_lower_bound: lower, threshold_upper_bound: upper } = settings;
    const known = this.#byLatent.get(latent) ?? [];
    if (
      typeof lower !== "number" ||
      typeof upper !== "number" ||
      known.some((each) => each.strength === strength)
    ) {
      return;
    }
    this.#byLatent.set(latent, known);
    const same = known.filter(({ calibration }) => calibration === arm || calibration?.startsWith(`${arm}#`));
    known.push({
      calibration: same.length === 0 ? arm : `${arm}#${same.length + 1}`,
      latent,
      strength,
      // the posterior is not in the file; that it lies in the searched range is all that is known of it
      lower,
      upper,
      queries: [],
      // the reference has no stopping rule (METHOD.md 5.1)
      stopped: "max-queries",
      warning: strength <= lower ? "low" : strength >= upper ? "high" : null,
      verification: [],
    });
  }
}
