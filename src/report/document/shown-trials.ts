/** Trials to read: every arm's most telling one, and the multi-attempt trials of all arms. */
import { endScores } from "../../stats/rates.ts";
import type { LatentRecord } from "../../store/records.ts";
import type { JudgedTrial } from "../../store/run-store.ts";
import type { TrialFacts } from "../outcomes.ts";
import type { RunSummary } from "../summarise.ts";
import type { Block, ShownTrial } from "./blocks.ts";

/** Multi-attempt trials that are shown. */
const MOST = 20;

export interface TrialBlocksOptions {
  arms: RunSummary["arms"];
  trials: readonly TrialFacts[];
  latents: readonly Pick<LatentRecord, "latent" | "label">[];
  /** Reads a trial that is shown. */
  read: (key: string) => JudgedTrial | null;
}

export function trialBlocks({ arms, trials, latents, read }: TrialBlocksOptions): Block[] {
  const labels = new Map(latents.map(({ latent, label }) => [latent, label]));
  const labelOf = (latent: number | null) => (latent === null ? null : (labels.get(latent) ?? null));
  const examples = arms.flatMap(({ arm, example }): ShownTrial[] =>
    example === null ? [] : [{ ...example, arm, label: labelOf(example.latent) }],
  );
  const shown = new Set(examples.map(({ key }) => key));
  const multi = trials.filter(({ outcome }) => (endScores(outcome)?.attempts ?? 0) >= 2);
  const others = multi.filter(({ row }) => !shown.has(row.key)).slice(0, MOST);
  const folded = (trial: ShownTrial): Block => ({
    kind: "folded",
    summary: `${trial.arm}: ${trial.kind}${trial.latent === null ? "" : `, latent ${trial.latent}`}`,
    blocks: [{ kind: "trial", trial }],
  });
  if (examples.length === 0) return [{ kind: "text", text: "No response is stored." }];
  return [
    {
      kind: "text",
      text: "One trial of each arm, chosen by rule: the first ESR success, else multi-attempt trial, else scored one. Attempts are marked, and the wording that begins a new one is underlined.",
    },
    ...examples.map(folded),
    ...(others.length === 0
      ? []
      : [
          {
            kind: "text",
            text: `Further multi-attempt trials: ${others.length} of ${multi.length}.`,
          } satisfies Block,
          ...others.flatMap(({ row, outcome }) => {
            const stored = read(row.key);
            if (stored === null) return [];
            const { trial, judgement } = stored;
            const ends = endScores(outcome);
            const direction =
              ends === null || ends.last === ends.first
                ? "even"
                : ends.last > ends.first
                  ? "higher"
                  : "lower";
            const { key, arm, latent, strength, prompt, text } = trial;
            const attempts = judgement?.attempts ?? [];
            const status = judgement?.status ?? null;
            return folded({
              kind: `multi-attempt, last ${direction}`,
              arm,
              key,
              latent,
              label: labelOf(latent),
              strength,
              prompt,
              text,
              status,
              attempts,
            });
          }),
        ]),
  ];
}
