/** One trial token by token: its region, the sum of each group of latents there (METHOD.md 7.6), and the steered latent. */
import type { RegionName } from "../../store/analysis.ts";
import { declaredAnalyses, REGIONS } from "../../store/analysis.ts";
import type { ActivationsRecord, JudgementRecord, TrialRecord } from "../../store/records.ts";
import type { RunStore } from "../../store/run-store.ts";
import { answerRows } from "./answer-rows.ts";
import { type Regions, regionsOf } from "./regions.ts";

export interface WatchedGroup {
  name: string;
  latents: number[];
}

export interface TimelineToken {
  token: number;
  /** UTF-16 offset in the answer at which it begins. */
  offset: number;
  text: string;
  /** null outside of the attempts, and where the answer does not start over. */
  region: RegionName | null;
  /** Sum over each group's latents, in the groups' order; null where the token was never fed. */
  sums: (number | null)[];
  /** null where it was not recorded, too. */
  steered: number | null;
}

export interface TrialTimeline {
  key: string;
  arm: string;
  latent: number | null;
  strength: number;
  prompt: string;
  /** `recorded` during the generation, or `replayed` from its tokens under the same edits. */
  source: "recorded" | "replayed";
  judge: string | null;
  scores: (number | null)[];
  /** Tokens of the answer; null where it does not start over. */
  regions: Regions | null;
  groups: WatchedGroup[];
  tokens: TimelineToken[];
}

export interface TrialTimelineOptions {
  trial: TrialRecord;
  judgement: JudgementRecord | null;
  recording: Pick<ActivationsRecord, "rows" | "columns" | "values">;
  groups: readonly WatchedGroup[];
  source: TrialTimeline["source"];
}

export function trialTimeline(options: TrialTimelineOptions): TrialTimeline {
  const { trial, judgement, recording, groups, source } = options;
  const { key, arm, latent, strength, prompt, text, offsets } = trial;
  const attempts = judgement?.attempts ?? [];
  const regions = regionsOf({ trial, attempts });
  const rows = answerRows({ trial, recording });
  const sumAt = (token: number, { latents }: WatchedGroup) => {
    const values = latents
      .filter((each) => each !== latent)
      .flatMap((each) => rows.value({ token, latent: each }) ?? []);
    return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0);
  };
  return {
    key,
    arm,
    latent,
    strength,
    prompt,
    source,
    judge: judgement?.judge ?? null,
    scores: attempts.map(({ score }) => score),
    regions,
    groups: groups.map(({ name, latents }) => ({ name, latents: [...latents] })),
    tokens: Array.from(offsets, (offset, token) => ({
      token,
      offset,
      text: text.slice(offset, offsets[token + 1] ?? text.length),
      region: REGIONS.find((name) => isIn(token, regions?.[name])) ?? null,
      sums: groups.map((group) => sumAt(token, group)),
      steered: latent === null ? null : rows.value({ token, latent }),
    })),
  };
}

function isIn(token: number, span: { start: number; end: number } | undefined): boolean {
  return span !== undefined && token >= span.start && token < span.end;
}

/** What was recorded of a trial while it was generated, and the groups that its design watches; null where nothing was. */
export function storedRecording({
  store,
  trialKey,
}: {
  store: RunStore;
  trialKey: string;
}): { recording: ActivationsRecord; groups: WatchedGroup[] } | null {
  for (const { activations = [] } of declaredAnalyses({ store }) ?? []) {
    for (const { recording: name, groups } of activations) {
      const recording = store.activations({ trialKey, name });
      if (recording !== null) return { recording, groups };
    }
  }
  return null;
}
