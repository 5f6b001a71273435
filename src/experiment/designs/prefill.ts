/**
 * Answers that begin with a start of the model's own making (METHOD.md 8.5). An off-topic start, steered or not: does the model notice what
 * it has said? An on-topic start, steered: does steering pull it off again, or does it hold on to its recent words?
 */
import { z } from "zod";
import { type Prefill, steeredArm, unsteeredArm } from "../arms.ts";
import { defineDesign } from "../design.ts";

const settings = z.strictObject({
  tokens: z
    .int()
    .min(1)
    .default(48)
    .describe("Tokens of a start; both kinds are cut to the shorter answer of the two"),
});

export const prefill = defineDesign({
  name: "prefill",
  paper: "v2",
  summary: "Answers that begin with the model's own off-topic or on-topic words, then go on steered or not.",
  settings,
  declare: ({ tokens }) => {
    const off: Prefill = { kind: "arm", arm: "steered", tokens, sameLengthAs: ["unsteered"] };
    const on: Prefill = { kind: "arm", arm: "unsteered", tokens, sameLengthAs: ["steered"] };
    return {
      arms: [
        steeredArm(),
        unsteeredArm(),
        unsteeredArm({ name: "off-topic-start", prefill: off }),
        steeredArm({ name: "off-topic-start-steered", prefill: off }),
        unsteeredArm({ name: "on-topic-start", prefill: on }),
        steeredArm({ name: "on-topic-start-steered", prefill: on }),
      ],
      comparisons: [
        { reference: "on-topic-start", treatment: "off-topic-start", outcome: "multi-attempt" },
        { reference: "off-topic-start", treatment: "off-topic-start-steered", outcome: "multi-attempt" },
        { reference: "off-topic-start", treatment: "off-topic-start-steered", outcome: "last-score" },
        { reference: "on-topic-start", treatment: "on-topic-start-steered", outcome: "last-score" },
        { reference: "off-topic-start-steered", treatment: "on-topic-start-steered", outcome: "last-score" },
      ],
    };
  },
});
