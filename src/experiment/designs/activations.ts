/**
 * Experiment 9: what detectors and backtracking latents do in answers that start over, recorded while the steered answer is generated, and against
 * steered answers that never do, and unsteered ones.
 */
import { z } from "zod";
import { type MetaPrompt, steeredArm, unsteeredArm } from "../arms.ts";
import { against, defineDesign } from "../design.ts";
import { recordingOf, WATCHED, WATCHED_RULE, watchedFiles, watchedGroups } from "../watched-latents.ts";
import { META_PROMPTS } from "./meta-prompt.ts";

const NAME = "activations";

const settings = z
  .strictObject({
    ...WATCHED,
    positions: z
      .enum(["all", "prompt", "generated"])
      .default("all")
      .describe("Rows that are edited; latents are read at all"),
    metaPrompt: z
      .string()
      .trim()
      .min(1)
      .nullable()
      .default(null)
      .describe(
        "Name of one of the design `meta-prompt`, or a text, behind each prompt of both arms: some models never start over without one",
      ),
    adapter: z
      .string()
      .min(1)
      .nullable()
      .default(null)
      .describe(
        "LoRA adapter of both arms (GGUF, or a folder of PEFT), for example one that was trained to start over",
      ),
    improved: z.boolean().default(true).describe("Only episodes whose last attempt scores above the first"),
    restarts: z
      .enum(["one", "first"])
      .default("one")
      .describe(
        "`one`: only episodes of exactly two attempts, as in the paper. `first`: more as well, up to the first restart and from it on",
      ),
    baselineScore: z
      .number()
      .min(0)
      .max(100)
      .default(50)
      .describe("Least score of an unsteered answer that counts as on topic"),
  })
  .refine(WATCHED_RULE.holds, WATCHED_RULE.message);

export const activations = defineDesign({
  name: NAME,
  paper: "9",
  summary: "Detectors and backtracking latents token by token, before, in and after a restart.",
  settings,
  files: (given) => [
    ...watchedFiles(given),
    ...(given.adapter === null ? [] : [{ what: "adapter", path: given.adapter }]),
  ],
  declare: async (given, { adapterOf }) => {
    const { metaPrompt, adapter, positions, improved, restarts, baselineScore, window } = given;
    const groups = await watchedGroups(given);
    const common = {
      recording: recordingOf({ name: NAME, groups }),
      metaPrompt: metaPrompt === null ? null : metaOf(metaPrompt),
      adapter: adapter === null ? null : await adapterOf(adapter),
    };
    const [steered, unsteered] = ["steered-recorded", "unsteered-recorded"] as const;
    return {
      arms: [
        steeredArm({ ...common, name: steered, positions: { kind: positions } }),
        unsteeredArm({ ...common, name: unsteered }),
      ],
      comparisons: against({ reference: unsteered, treatments: [steered] }),
      activations: [
        {
          recording: NAME,
          groups,
          episodes: { arm: steered, improved, restarts },
          noRestart: { arm: steered, by: "position" },
          baseline: { arm: unsteered, leastScore: baselineScore },
          window,
        },
      ],
    };
  },
});

function metaOf(named: string): MetaPrompt {
  const text = Object.entries(META_PROMPTS).find(([name]) => name === named)?.[1] ?? named;
  return { text, place: "after", judged: false };
}
