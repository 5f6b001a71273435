/** What an earlier run has already done of a new one: an arm that is added to an experiment costs its own trials and no others'. */
import { CountersteerError } from "../errors.ts";
import { canonicalJson } from "../store/canonical-json.ts";
import { assertComparable } from "../store/comparable.ts";
import type { Manifest } from "../store/manifest.ts";
import type { RunStore } from "../store/run-store.ts";
import type { DeclaredArm, Unit } from "./arms.ts";

const REUSED_EVENT = "reused";

/** Of the engine, what a trial's text does not depend on (DESIGN.md, invariant 4). */
const NO_MATTER: readonly string[] = ["workers", "slots", "contextPerSlot"];

export interface EarlierRunOptions {
  /** Opened for reading; it has been asserted to be reusable. */
  earlier: RunStore;
  /** The new run, with its manifest. */
  store: RunStore;
}

/** Copies out of a run that was made with the same model, dictionary, settings and seed; what it has not is generated. */
export class EarlierRun {
  readonly #earlier: RunStore;
  readonly #store: RunStore;
  readonly #judge: string;

  constructor({ earlier, store }: EarlierRunOptions) {
    this.#earlier = earlier;
    this.#store = store;
    this.#judge = store.manifest().judge.id;
    const { createdAt } = earlier.manifest();
    store.putEvent({ kind: REUSED_EVENT, detail: { dir: earlier.dir, createdAt } });
  }

  /** The latent's threshold with its whole history, if the earlier run found it; returns its strength. */
  threshold(latent: number): number | null {
    const found = this.#earlier.threshold(latent);
    if (found === null) return null;
    this.#store.transaction(() => {
      for (const sample of this.#earlier.thresholdSamples({ latent })) {
        if (sample.calibration === found.calibration) this.#store.putThresholdSample(sample);
      }
      this.#store.putThreshold(found);
    });
    return found.strength;
  }

  /** Stores the earlier run's trial of the same key, with its judgement, as the new run's; false where there is none without a failure. */
  trial({ key, arm, unit }: { key: string; arm: DeclaredArm; unit: Unit }): boolean {
    const trial = this.#earlier.trial(key);
    if (trial === null || trial.error !== null) return false;
    const activations =
      arm.recording === null ? null : this.#earlier.activations({ trialKey: key, name: arm.recording.name });
    if (arm.recording !== null && activations === null) return false;
    const judgement = this.#earlier.judgement({ trialKey: key, judge: this.#judge });
    this.#store.transaction(() => {
      this.#store.putTrial({ ...trial, arm: arm.name, unit: unit.key });
      if (activations !== null) this.#store.putActivations(activations);
      if (judgement !== null) this.#store.putJudgement(judgement);
    });
    return true;
  }
}

/** Throws RUNS_UNEQUAL where the earlier run's results would not be those of a run with this manifest. */
export function assertReusable({ earlier, manifest }: { earlier: RunStore; manifest: Manifest }): void {
  const before = earlier.manifest();
  assertComparable({
    manifests: [
      { name: earlier.dir, manifest: before },
      { name: "the new run", manifest },
    ],
  });
  const facts: Record<string, (of: Manifest) => unknown> = {
    seed: ({ seed }) => seed,
    "threshold settings": ({ config }) => config.threshold,
    quirks: ({ config }) => config.quirks,
    "held-out prompts": ({ prompts }) => prompts.heldOut,
    engine: ({ engine }) =>
      Object.fromEntries(Object.entries(engine).filter(([name]) => !NO_MATTER.includes(name))),
  };
  const unequal = Object.entries(facts).flatMap(([name, of]) => {
    const [then, now] = [canonicalJson(of(before)), canonicalJson(of(manifest))];
    return then === now ? [] : [{ name, then, now }];
  });
  if (unequal.length > 0) {
    throw new CountersteerError("RUNS_UNEQUAL", {
      what: `The run in ${earlier.dir} can't be reused: it has another ${unequal.map(({ name }) => name).join(", ")}.`,
      why: `Its trials are not those that the new run would make: ${unequal.map(({ name, then, now }) => `${name} ${then}, now ${now}`).join("; ")}.`,
      todo: "Give the new run the same settings, or leave out --reuse.",
      facts: { dir: earlier.dir, unequal },
    });
  }
}
