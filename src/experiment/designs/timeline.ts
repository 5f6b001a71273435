/**
 * Experiment 6: activations along an answer with a restart whose place is known. The answer begins with the model's own steered words, then a given
 * sentence starts over, and the model goes on, steered all the way; the control goes on without the sentence.
 */
import { z } from "zod";
import { type Prefill, steeredArm } from "../arms.ts";
import { defineDesign } from "../design.ts";
import { recordingOf, WATCHED, WATCHED_RULE, watchedFiles, watchedGroups } from "../watched-latents.ts";

const NAME = "timeline";

const settings = z
  .strictObject({
    ...WATCHED,
    tokens: z.int().min(1).default(48).describe("Tokens of the steered answer's start"),
    restart: z
      .string()
      .min(1)
      .default("\n\nWait, that's not what you asked. Let me start again.")
      .describe("What is put behind the start; the judge must take it for a restart"),
    improved: z.boolean().default(false).describe("Only answers whose last attempt scores above the first"),
  })
  .refine(WATCHED_RULE.holds, WATCHED_RULE.message);

export const timeline = defineDesign({
  name: NAME,
  paper: "6",
  summary: "Activations token by token around a restart that was put into the answer, against none.",
  settings,
  files: watchedFiles,
  declare: async (given) => {
    const { tokens, restart, improved, window } = given;
    const groups = await watchedGroups(given);
    const recording = recordingOf({ name: NAME, groups });
    const start = { kind: "arm", arm: "steered", tokens, sameLengthAs: [] } satisfies Prefill;
    const [restarted, plain] = ["forced-restart", "no-restart"] as const;
    return {
      arms: [
        steeredArm(),
        steeredArm({ name: restarted, prefill: { ...start, followedBy: restart }, recording }),
        steeredArm({ name: plain, prefill: start, recording }),
      ],
      comparisons: [{ reference: plain, treatment: restarted, outcome: "last-score" }],
      activations: [
        {
          recording: NAME,
          groups,
          // the model may start over again behind the restart that it was given
          episodes: { arm: restarted, improved, restarts: "first" },
          noRestart: { arm: plain, by: "unit" },
          baseline: null,
          window,
        },
      ],
    };
  },
});
