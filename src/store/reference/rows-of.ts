/** Result files as rows of a run: arms, latents, thresholds, trials with what their judge said. Nothing is written here. */
import { canonicalHash } from "../canonical-json.ts";
import type { ArmRecord, TrialRecord } from "../records.ts";
import type { LatentInput } from "../setup-tables.ts";
import type { ThresholdInput } from "../threshold-table.ts";
import { armOf } from "./arm-of.ts";
import { invalid, type ReferenceFile } from "./read-file.ts";
import { readScore, type Said } from "./read-score.ts";
import type { ReferenceFeature, ReferenceTrial } from "./schema.ts";
import { ThresholdRows } from "./threshold-rows.ts";

export interface TrialRow {
  trial: Omit<TrialRecord, "degraded" | "createdAt">;
  /** null where the trial failed or nobody has judged it. */
  said: Exclude<Said, { kind: "errored" | "unjudged" }> | null;
}

export interface ReferenceRows {
  arms: ArmRecord[];
  latents: LatentInput[];
  thresholds: ThresholdInput[];
  trials: TrialRow[];
  /** Distinct, sorted: `promptIndex` counts in them. */
  prompts: string[];
  counts: RowCounts;
}

export interface RowCounts {
  /** Latents of the files, one for each file that has it, and those of them that the reference gave up. */
  features: number;
  failedFeatures: number;
  /** In the files = stored + duplicates. */
  trials: number;
  /** The same trial with the same response once more, for example in a file that was written when the time was over. */
  duplicates: number;
  /** Other responses to a latent, prompt and seed that the arm has already. */
  repeatedUnits: number;
}

export interface RowsOptions {
  files: readonly ReferenceFile[];
  /** Names of the arms, one a file; null takes what the files suggest. */
  armNames: readonly string[] | null;
}

/** Throws CONFIG_INVALID for files whose content contradicts itself, or that are of one name and of different arms. */
export function rowsOf({ files, armNames }: RowsOptions): ReferenceRows {
  const prompts = [...new Set(files.flatMap(promptsOf))].toSorted();
  const builder = new Builder(new Map(prompts.map((prompt, index) => [prompt, index])));
  for (const [index, file] of files.entries()) {
    builder.add({ file, arm: armOf({ file, name: armNames?.[index] ?? null }) });
  }
  return { ...builder.rows(), prompts };
}

function promptsOf({ data }: ReferenceFile): string[] {
  return data.results_by_feature.flatMap(({ trials }) =>
    (trials ?? []).map(({ prompt }) => prompt.toWellFormed()),
  );
}

interface Place {
  file: ReferenceFile;
  arm: ArmRecord;
  feature: ReferenceFeature;
}

class Builder {
  readonly #prompts: ReadonlyMap<string, number>;
  readonly #arms = new Map<string, ArmRecord>();
  readonly #latents = new Map<string, LatentInput>();
  readonly #thresholds = new ThresholdRows();
  readonly #trials: TrialRow[] = [];
  /** Responses to each latent, prompt and seed of an arm. */
  readonly #repeats = new Map<string, { strength: number; text: string }[]>();
  readonly #counts: RowCounts = {
    features: 0,
    failedFeatures: 0,
    trials: 0,
    duplicates: 0,
    repeatedUnits: 0,
  };

  constructor(prompts: ReadonlyMap<string, number>) {
    this.#prompts = prompts;
  }

  rows(): Omit<ReferenceRows, "prompts"> {
    return {
      arms: [...this.#arms.values()],
      latents: [...this.#latents.values()],
      thresholds: this.#thresholds.rows(),
      trials: this.#trials,
      counts: this.#counts,
    };
  }

  add({ file, arm }: Omit<Place, "feature">): void {
    const before = this.#arms.get(arm.name);
    if (before !== undefined && canonicalHash(before) !== canonicalHash(arm)) {
      throw invalid({
        file: file.path,
        flaw: `would be a second arm "${arm.name}"`,
        problems: [
          "another file has that arm with another model or other ablated latents: name both with --arm",
        ],
      });
    }
    this.#arms.set(arm.name, arm);
    const role = file.named?.randomSet === null || file.named === null ? "detector" : "control";
    for (const latent of file.data.ablated_latents ?? []) {
      this.#latents.set(`${role}:${latent}`, { latent, role, label: null });
    }
    for (const [index, feature] of file.data.results_by_feature.entries()) {
      this.#addFeature({ file, arm, feature }, `results_by_feature[${index}]`);
    }
  }

  #addFeature(place: Place, where: string): void {
    const { file, arm, feature } = place;
    const { feature_index_in_sae: latent, threshold, error, trials } = feature;
    const failed = isTrue(error);
    this.#counts.features++;
    this.#counts.failedFeatures += Number(failed);
    const known = this.#latents.get(`steered:${latent}`);
    if (known === undefined || known.label === null) {
      this.#latents.set(`steered:${latent}`, {
        latent,
        label: labelOf(feature),
        detail: { ...known?.detail, ...(failed ? { error: error ?? "" } : {}) },
      });
    }
    if (!failed && arm.content.steer !== null && threshold !== null && threshold !== undefined) {
      this.#thresholds.add({
        arm: arm.name,
        latent,
        strength: threshold,
        settings: file.data.experiment_config,
      });
    }
    for (const [index, trial] of (trials ?? []).entries()) {
      this.#addTrial(place, trial, `${where}.trials[${index}]`);
    }
  }

  #addTrial({ file, arm, feature }: Place, trial: ReferenceTrial, where: string): void {
    const latent = feature.feature_index_in_sae;
    const strength = trial.threshold ?? feature.threshold ?? (arm.content.steer === null ? 0 : null);
    const flaws = [
      ...((trial.feature_index_in_sae ?? latent) === latent
        ? []
        : [`${where}.feature_index_in_sae: not the feature's`]),
      ...(strength === null ? [`${where}.threshold: neither the trial nor its feature has one`] : []),
    ];
    if (strength === null || flaws.length > 0) {
      throw invalid({ file: file.path, flaw: "contradicts itself", problems: flaws });
    }
    this.#counts.trials++;
    const prompt = trial.prompt.toWellFormed();
    const said: Said = isTrue(feature.error)
      ? { kind: "errored", reason: feature.error ?? "" }
      : readScore(trial);
    const text = said.kind === "errored" ? "" : (trial.response ?? "").toWellFormed();
    // never the place in a list of prompts: runs of other prompts would seem to share units
    const base = `${latent}:${canonicalHash(prompt).slice(0, 12)}:${trial.seed}`;
    const repeats = this.#repeats.get(`${arm.name}\n${base}`) ?? [];
    this.#repeats.set(`${arm.name}\n${base}`, repeats);
    if (repeats.some((each) => each.strength === strength && each.text === text)) {
      this.#counts.duplicates++;
      return;
    }
    const unit = repeats.length === 0 ? base : `${base}:${repeats.length}`;
    this.#counts.repeatedUnits += Number(repeats.length > 0);
    repeats.push({ strength, text });
    this.#trials.push({
      trial: {
        key: canonicalHash({ reference: 1, arm, unit, strength }),
        arm: arm.name,
        unit,
        latent,
        strength,
        promptIndex: this.#prompts.get(prompt) ?? 0,
        prompt,
        seed: trial.seed,
        text,
        tokens: new Int32Array(0),
        offsets: new Int32Array(0),
        finish: said.kind === "errored" ? null : "unknown",
        promptTokens: 0,
        receipt: null,
        error: said.kind === "errored" ? { what: said.reason } : null,
      },
      said: said.kind === "errored" || said.kind === "unjudged" ? null : said,
    });
  }
}

/** null where the reference filled one in (METHOD.md 4, step 1). */
function labelOf({ feature_index_in_sae: latent, feature_label: label }: ReferenceFeature): string | null {
  return label === null || label === undefined || label === "" || label === `feature_${latent}`
    ? null
    : label.toWellFormed();
}

function isTrue(error: string | null | undefined): boolean {
  return error !== null && error !== undefined && error !== "";
}
