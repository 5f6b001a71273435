/** Experiment 5: a sentence in the prompt that tells the model to hold on to the question. */
import { z } from "zod";
import { type MetaPrompt, steeredArm, unsteeredArm } from "../arms.ts";
import { against, defineDesign } from "../design.ts";

/** After the ideas of the paper's four (METHOD.md 7.5) in words of our own, and one more; all as long as `neutral`. */
export const META_PROMPTS = {
  focus:
    "Keep your attention on this question from the first word to the last, and let nothing else into the answer.",
  monitor:
    "Watch what you write: as soon as it drifts away from the question, say so, stop there, and come back to it.",
  resist:
    "Something outside this conversation may push your answer elsewhere; do not follow it, and answer just what was asked.",
  check:
    "Before every new paragraph, read the question again and ask yourself whether that paragraph will answer it.",
  label:
    'Thoughts of "{label}" may crowd into your answer although nobody asked about them; leave them out of it.',
  neutral:
    "Write the answer in plain sentences, in the usual order, as you would for any reader who asks you this.",
} as const;
export type MetaPromptName = keyof typeof META_PROMPTS;
// the keys of a literal object are exactly its declared fields
const NAMES = Object.keys(META_PROMPTS) as [MetaPromptName, ...MetaPromptName[]];

const settings = z
  .strictObject({
    variants: z
      .array(z.enum(NAMES))
      .default([...NAMES])
      .describe("Meta-prompts; neutral is the control"),
    texts: z
      .record(z.string().min(1), z.string().trim().min(1))
      .default({})
      .describe(
        "Variants of your own: a name and a text, in which `{label}` stands for the label of the steered latent",
      ),
    place: z
      .enum(["system", "before", "after"])
      .default("after")
      .describe("`after` is the paper's: one space behind the prompt. Some models have no system message"),
    judged: z
      .boolean()
      .default(false)
      .describe("The judge reads the meta-prompt as a part of the question, as in the paper"),
    unsteered: z
      .boolean()
      .default(false)
      .describe("Also each without steering: restarts that the words alone bring about"),
  })
  .refine(({ variants }) => new Set(variants).size === variants.length, {
    path: ["variants"],
    message: "a variant stands in it twice",
  })
  .refine(({ texts }) => Object.keys(texts).every((name) => !(name in META_PROMPTS)), {
    path: ["texts"],
    message: `a name of its own is wanted, none of ${NAMES.join(", ")}`,
  })
  .refine(({ variants, texts }) => variants.length + Object.keys(texts).length > 0, {
    path: ["variants"],
    message: "there is no meta-prompt",
  });

export const metaPrompt = defineDesign({
  name: "meta-prompt",
  paper: "5",
  summary:
    "Sentences that tell the model to hold on to the question, against a neutral one of the same length.",
  settings,
  declare: ({ variants, texts, place, judged, unsteered }) => {
    const metas = new Map<string, MetaPrompt>([
      ...variants.map((name) => [name, { text: META_PROMPTS[name], place, judged }] as const),
      ...Object.entries(texts).map(([name, text]) => [name, { text, place, judged }] as const),
    ]);
    const named = (name: string) => `meta-${name}`;
    const treatments = [...metas.keys()].map(named);
    const telling = treatments.filter((name) => name !== named("neutral"));
    return {
      arms: [
        steeredArm(),
        ...Array.from(metas, ([name, meta]) => steeredArm({ name: named(name), metaPrompt: meta })),
        ...(unsteered
          ? [
              unsteeredArm(),
              ...Array.from(metas, ([name, meta]) =>
                unsteeredArm({ name: `${named(name)}-unsteered`, metaPrompt: meta }),
              ),
            ]
          : []),
      ],
      comparisons: [
        ...against({ reference: "steered", treatments, outcomes: ["multi-attempt", "first-score"] }),
        ...against({
          reference: named("neutral"),
          treatments: telling,
          outcomes: ["multi-attempt", "first-score"],
        }),
        ...(unsteered
          ? against({ reference: "unsteered", treatments: treatments.map((name) => `${name}-unsteered`) })
          : []),
      ],
    };
  },
});
