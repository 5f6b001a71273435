/** One arm of a run in the form of the reference's result file (METHOD.md 7.1), for its plots and for whoever reads that form. */
import { z } from "zod";
import { CountersteerError } from "../../errors.ts";
import type { Manifest } from "../manifest.ts";
import type { ArmRecord, JudgementRecord, LatentRecord, TrialRecord } from "../records.ts";
import type { RunStore } from "../run-store.ts";
import { armKeys } from "./arm-keys.ts";
import { exportSettings } from "./export-settings.ts";

export interface ExportReferenceOptions {
  store: RunStore;
  /** A file is one arm. @default the run's only arm */
  arm?: string;
  /** `name/version`. @default the run's own judge */
  judge?: string;
}

/**
 * Parts of the file, to be written one after the other; a line is a latent. Only two things are not the reference's: `score.status`, where there is
 * no judgement, and the last key `countersteer`, which also holds what of the arm the form can't say. Throws REQUEST_INVALID for a run of several arms of which none is named, an arm that
 * is not there, and a trial without a latent, which the form can't hold.
 */
export function* exportReference({ store, arm: name, judge }: ExportReferenceOptions): Generator<string> {
  const manifest = store.manifest();
  const arm = armOf({ store, name });
  const by = judge ?? manifest.judge.id;
  const latents = trialsByLatent({ store, arm: arm.name });
  const steered = isSteered(arm);
  yield `{"experiment_config": ${JSON.stringify(exportSettings({ manifest, steered, judge: by, latents: latents.size }))},\n"results_by_feature": [`;
  const known = new Map(store.latents({ role: "steered" }).map((latent) => [latent.latent, latent]));
  const failed = [...known.values()].filter(
    ({ latent, detail }) => !latents.has(latent) && detail.error !== undefined,
  );
  const order = [...latents.keys(), ...failed.map(({ latent }) => latent)];
  for (const [index, latent] of order.entries()) {
    const feature = featureOf({
      store,
      latent,
      known: known.get(latent),
      keys: latents.get(latent) ?? [],
      steered,
      judge: by,
    });
    yield `${index === 0 ? "" : ","}\n${JSON.stringify(feature)}`;
  }
  yield `\n],\n${JSON.stringify(lastKeys({ manifest, arm, judge: by })).slice(1)}\n`;
}

function armOf({ store, name }: { store: RunStore; name: string | undefined }): ArmRecord {
  const stored = Object.keys(store.counts().trialsByArm);
  const known = store.arms();
  const arms = [
    ...known,
    ...stored.filter((each) => known.every((arm) => arm.name !== each)).map(unknownArm),
  ];
  const [only, ...others] = arms;
  const found = name === undefined && others.length === 0 ? only : arms.find((arm) => arm.name === name);
  if (found === undefined) {
    throw new CountersteerError("REQUEST_INVALID", {
      what:
        name === undefined
          ? `The run in ${store.dir} has ${arms.length} arms.`
          : `The run in ${store.dir} has no arm "${name}".`,
      why: `A file of the reference holds one arm; the run's are ${arms.map((arm) => arm.name).join(", ") || "not stored yet"}.`,
      todo: "Name one with --arm.",
      facts: { dir: store.dir, arm: name ?? null, arms: arms.map((arm) => arm.name) },
    });
  }
  return found;
}

function unknownArm(name: string): ArmRecord {
  return { name, content: {} };
}

/** Arms that say nothing of it are steered: what an arm leaves out is as in the others. */
function isSteered({ content }: ArmRecord): boolean {
  return content.steer !== null;
}

/** Keys in the order of the trials. */
function trialsByLatent({ store, arm }: { store: RunStore; arm: string }): Map<number, string[]> {
  const keys = new Map<number, string[]>();
  for (const { key, latent } of store.trials({ arm })) {
    if (latent === null) {
      throw new CountersteerError("REQUEST_INVALID", {
        what: `The arm ${arm} of the run in ${store.dir} has trials without a latent.`,
        why: "A file of the reference sorts its trials by latent.",
        todo: "Export it as JSONL or CSV.",
        facts: { dir: store.dir, arm, trial: key },
      });
    }
    const own = keys.get(latent) ?? [];
    keys.set(latent, own);
    own.push(key);
  }
  return keys;
}

interface FeatureOptions {
  store: RunStore;
  latent: number;
  known: LatentRecord | undefined;
  keys: readonly string[];
  steered: boolean;
  judge: string;
}

function featureOf({ store, latent, known, keys, steered, judge }: FeatureOptions) {
  const label = known?.label ?? `feature_${latent}`;
  const trials = keys.flatMap((key) => store.trial(key) ?? []);
  const error = keys.length === 0 ? (known?.detail.error ?? null) : null;
  return {
    feature_index_in_sae: latent,
    feature_label: label,
    threshold:
      error !== null
        ? null
        : steered
          ? (store.threshold(latent)?.strength ?? trials[0]?.strength ?? null)
          : 0,
    error,
    trials: trials.map((trial) => {
      const score = scoreOf({ trial, judgement: store.judgement({ trialKey: trial.key, judge }) });
      return {
        prompt: trial.prompt,
        feature_index_in_sae: latent,
        feature_label: label,
        threshold: steered ? trial.strength : 0,
        seed: trial.seed,
        response: trial.text,
        score,
        error: "error" in score ? score.error : null,
      };
    }),
  };
}

/** Only `scored` enters the reference's denominator (METHOD.md 1.2); why anything else does not is kept beside. */
function scoreOf({ trial, judgement }: { trial: TrialRecord; judgement: JudgementRecord | null }) {
  const raw = judgement?.detail.rawResponse;
  const raw_response = typeof raw === "string" ? raw : "";
  if (trial.error !== null) return { raw_response, error: whatOf(trial.error), status: "errored" };
  if (judgement === null) return { raw_response, error: "not judged", status: "unjudged" };
  const { status, attempts, detail } = judgement;
  if (status !== "scored" && status !== "no-attempt") {
    return { raw_response, error: typeof detail.reason === "string" ? detail.reason : status, status };
  }
  // attempts without any score are no attempts to the reference
  const kept = status === "scored" ? attempts : [];
  const absent = absentSchema.safeParse(detail.absentTexts).data ?? {};
  return {
    raw_response,
    attempts: kept.map(({ start, end, score }, index) => {
      const said = absent[String(index)];
      return { attempt_text: said === undefined ? trial.text.slice(start, end) : said, score };
    }),
  };
}

/** Of imported attempts whose span is a guess, by their place in the list: the text as it was given. */
const absentSchema = z.record(z.string(), z.string().nullable());

const errorSchema = z.object({ what: z.string().min(1) });

function whatOf(error: unknown): string {
  const parsed = errorSchema.safeParse(error);
  return parsed.success ? parsed.data.what : JSON.stringify(error);
}

function lastKeys({ manifest, arm, judge }: { manifest: Manifest; arm: ArmRecord; judge: string }) {
  return {
    n_boost_levels: null,
    boost_range_std: null,
    ...armKeys({ arm, experiment: manifest.design }),
    countersteer: { arm: arm.name, content: arm.content, judge, manifest },
  };
}
