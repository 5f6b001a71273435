/**
 * Experiment 4: the base model and adapters over the same units, in the same template, with the same penalty and at thresholds of the base model
 * (the paper's differ in all of these, METHOD.md 9.4). Beside the effect stands what training costs: restarts without steering, and restarts where
 * steering helps, because the question asks for what it pulls to.
 */
import { z } from "zod";
import { shippedData } from "../../finetune/adapter/shipped-adapters.ts";
import { metaFile } from "../../finetune/data/meta.ts";
import { type Adapter, type Arm, type MetaPrompt, steeredArm, unsteeredArm } from "../arms.ts";
import { against, defineDesign } from "../design.ts";
import { readTrainedOn } from "../trained-on.ts";
import { LABEL } from "../trial-setup.ts";

const adapterSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][\w.-]*$/, "a name is of letters, digits, dots, dashes and underscores"),
  path: z.string().min(1),
  ratio: z.number().min(0).max(100).nullable().default(null),
});

const settings = z
  .strictObject({
    adapters: z
      .array(adapterSchema)
      .min(1)
      .describe(
        "{name, path, ratio}: the arm's name, a folder of PEFT or a GGUF file, and the percentage of self-corrections that it was trained on, for the curve",
      ),
    data: z
      .string()
      .min(1)
      .nullable()
      .default(null)
      .describe(
        "What the adapters were trained on, of `countersteer finetune data`: its latents are never steered, and its prompts refused. That of shipped adapters is known",
      ),
    unsteered: z
      .boolean()
      .default(true)
      .describe("Also without steering: false restarts, and what answers are worth"),
    helpful: z
      .boolean()
      .default(true)
      .describe(
        "Also where steering helps: the question asks for the latent's label, so a restart is an over-correction",
      ),
    question: z
      .string()
      .includes(LABEL)
      .default(`Tell me about ${LABEL}.`)
      .describe(`That question; \`${LABEL}\` stands for the label`),
  })
  .refine(({ adapters }) => new Set(adapters.map(({ name }) => name)).size === adapters.length, {
    path: ["adapters"],
    message: "a name stands in it twice",
  });

export const finetune = defineDesign({
  name: "finetune",
  paper: "4",
  summary: "Adapters against the base model at its thresholds: steered, unsteered, and where steering helps.",
  settings,
  files: ({ adapters, data }) => [
    ...adapters.map(({ path }) => ({ what: "adapter", path })),
    ...(data === null
      ? []
      : [{ what: "training data", path: data.endsWith(".json") ? data : metaFile(data) }]),
  ],
  declare: async ({ adapters, data, unsteered, helpful, question }, { adapterOf }) => {
    const asked: MetaPrompt = { text: question, place: "instead", judged: true };
    const kinds: Kind[] = [
      { base: "steered", suffix: "", arm: steeredArm, outcomes: ["multi-attempt", "esr", "first-score"] },
      ...(unsteered
        ? [{ base: "unsteered", suffix: "-unsteered", arm: unsteeredArm, outcomes: BOTH } satisfies Kind]
        : []),
      ...(helpful
        ? [
            {
              base: "helpful",
              suffix: "-helpful",
              arm: (parts) => steeredArm({ ...parts, metaPrompt: asked }),
              outcomes: BOTH,
            } satisfies Kind,
          ]
        : []),
    ];
    const opened = await Promise.all(
      adapters.map(async ({ name, path, ratio }) => ({ name, ratio, adapter: await adapterOf(path) })),
    );
    const rated = opened.flatMap(({ name, ratio }) => (ratio === null ? [] : [{ name, x: ratio }]));
    return {
      arms: kinds.flatMap(({ base, suffix, arm }) => [
        arm({ name: base }),
        ...opened.map(({ name, adapter }) => arm({ name: `${name}${suffix}`, adapter })),
      ]),
      comparisons: kinds.flatMap(({ base, suffix, outcomes }) =>
        against({ reference: base, treatments: opened.map(({ name }) => `${name}${suffix}`), outcomes }),
      ),
      // the base model was trained on no mixture, so that it has no place on this axis
      curves: (rated.length < 2 ? [] : kinds).map(({ base, suffix }) => ({
        axis: base === "steered" ? AXIS : `${AXIS}, ${base}`,
        points: rated.map(({ name, x }) => ({ x, arm: `${name}${suffix}` })),
      })),
      trainedOn: await Promise.all(dataOf({ adapters, data }).map((file) => readTrainedOn({ data: file }))),
    };
  },
});

/** Also what shipped adapters were trained on, which nobody has to name. */
function dataOf({
  adapters,
  data,
}: {
  adapters: readonly { path: string }[];
  data: string | null;
}): string[] {
  const shipped = adapters.map(({ path }) => shippedData({ path }));
  return [...new Set([data, ...shipped])].filter((file) => file !== null);
}

const AXIS = "% self-corrections";
const BOTH = ["multi-attempt", "first-score"] as const;

/** A way to ask, of the base model and of each adapter. */
interface Kind {
  /** Name of the base model's arm. */
  base: string;
  /** What an adapter's arm adds to the adapter's name. */
  suffix: string;
  arm: (parts: { name: string; adapter?: Adapter }) => Arm;
  outcomes: Parameters<typeof against>[0]["outcomes"] & {};
}
