/** Experiments 3 and 10: detectors clamped while steering, against as many matched random latents. */
import { z } from "zod";
import { CountersteerError } from "../../errors.ts";
import { readControls } from "../../latents/controls/control-file.ts";
import { detectorLatents, readDetectors } from "../../latents/detectors/detector-file.ts";
import { type Ablation, steeredArm, unsteeredArm } from "../arms.ts";
import { against, defineDesign } from "../design.ts";

const settings = z.strictObject({
  detectors: z.string().min(1).describe("File of `countersteer latents detectors`, or the reference's"),
  controls: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe("File of `countersteer latents controls`; null has no control arms"),
  confirmedOnly: z.boolean().default(false).describe("Only detectors that the other prompts confirmed"),
  sets: z
    .int()
    .min(1)
    .nullable()
    .default(null)
    .describe("Control sets that get an arm each; null takes all of the file"),
  first: z.array(z.int().min(1)).default([]).describe("Also the first so many detectors of the file"),
  randomFirst: z
    .boolean()
    .default(false)
    .describe("Also the controls of those first detectors, for each set"),
  shares: z
    .array(z.number().gt(0).lt(1))
    .default([])
    .describe("Also the share of the way to the value, above 0 and below 1"),
  value: z.number().default(0).describe("Value that latents are clamped to"),
  unsteered: z
    .boolean()
    .default(false)
    .describe("Also the detectors clamped without steering: what ablation does by itself"),
});

export const ablation = defineDesign({
  name: "ablation",
  paper: "3, 10",
  summary: "Detectors clamped while steering, all or some or in part, against matched random latents.",
  settings,
  files: ({ detectors, controls }) => [
    { what: "detectors", path: detectors },
    ...(controls === null ? [] : [{ what: "controls", path: controls }]),
  ],
  declare: async ({ detectors: path, controls, confirmedOnly, sets, first, shares, value, ...also }) => {
    const { randomFirst, unsteered } = also;
    const found = detectorLatents({ file: await readDetectors({ path }), confirmedOnly });
    const file = controls === null ? null : await readControls({ path: controls });
    // what the sets are compared with are the detectors that have a control in every set
    const latents =
      file === null
        ? found
        : found.filter((latent) => file.matchedInAll.includes(latent) || file.draw === "uniform");
    if (latents.length === 0) throw nothingToAblate({ path, controls, confirmedOnly });
    const of = (part: Partial<Ablation>): Ablation => ({ latents, value, share: 1, ...part });
    const arm = (name: string, part: Partial<Ablation>) => steeredArm({ name, ablation: of(part) });
    const fewer = [...new Set(first)].filter((count) => count < latents.length).sort((a, b) => a - b);
    const some = fewer.map((count) => arm(`ablated-first-${count}`, { latents: latents.slice(0, count) }));
    const partly = [...new Set(shares)].map((share) => arm(`ablated-share-${share}`, { share }));
    const random = (file?.sets ?? [])
      .slice(0, sets ?? undefined)
      .map(({ pairs }, i) => arm(`random-${i + 1}`, { latents: controlsOf({ pairs, latents }) }));
    const fewerRandom = (randomFirst ? random : []).flatMap((_, i) =>
      fewer.map((count) => {
        const pairs = file?.sets[i]?.pairs ?? [];
        const controls = controlsOf({ pairs, latents: latents.slice(0, count) });
        return { count, set: i, arm: arm(`random-${i + 1}-first-${count}`, { latents: controls }) };
      }),
    );
    const names = (arms: { name: string }[]) => arms.map(({ name }) => name);
    return {
      arms: [
        steeredArm(),
        arm("ablated", {}),
        ...some,
        ...partly,
        ...random,
        ...fewerRandom.map((each) => each.arm),
        ...(unsteered ? [unsteeredArm(), unsteeredArm({ name: "ablated-unsteered", ablation: of({}) })] : []),
      ],
      comparisons: [
        ...against({
          reference: "steered",
          treatments: [
            ...["ablated", ...names(some), ...names(partly), ...names(random)],
            ...fewerRandom.map((each) => each.arm.name),
          ],
          outcomes: ["multi-attempt", "first-score"],
        }),
        ...names(random).flatMap((reference) => against({ reference, treatments: ["ablated"] })),
        ...fewerRandom.flatMap((each) =>
          against({ reference: each.arm.name, treatments: [`ablated-first-${each.count}`] }),
        ),
        ...(unsteered
          ? against({ reference: "unsteered", treatments: ["ablated-unsteered"], outcomes: ["first-score"] })
          : []),
      ],
      curves: [
        {
          axis: "latents ablated",
          points: [
            { x: 0, arm: "steered" },
            ...fewer.map((x) => ({ x, arm: `ablated-first-${x}` })),
            { x: latents.length, arm: "ablated" },
          ],
        },
        ...(fewerRandom.length === 0 ? [] : random).map((whole, i) => ({
          axis: `latents ablated, random set ${i + 1}`,
          points: [
            { x: 0, arm: "steered" },
            ...fewerRandom
              .filter(({ set }) => set === i)
              .map((each) => ({ x: each.count, arm: each.arm.name })),
            { x: latents.length, arm: whole.name },
          ],
        })),
        ...(partly.length === 0
          ? []
          : [
              {
                axis: "share of the way to the value",
                points: [
                  { x: 0, arm: "steered" },
                  ...[...new Set(shares)]
                    .sort((a, b) => a - b)
                    .map((x) => ({ x, arm: `ablated-share-${x}` })),
                  { x: 1, arm: "ablated" },
                ],
              },
            ]),
      ],
    };
  },
});

/** Controls of exactly the detectors that are ablated. */
function controlsOf({
  pairs,
  latents,
}: {
  pairs: readonly { detector: number; control: number }[];
  latents: readonly number[];
}): number[] {
  return pairs.filter(({ detector }) => latents.includes(detector)).map(({ control }) => control);
}

function nothingToAblate(facts: { path: string; controls: string | null; confirmedOnly: boolean }) {
  return new CountersteerError("CONFIG_INVALID", {
    what: `${facts.path} leaves no detector to ablate.`,
    why: [
      "It holds none",
      ...(facts.confirmedOnly ? ["or none that other prompts confirmed"] : []),
      ...(facts.controls === null ? [] : [`or none with a control in every set of ${facts.controls}`]),
    ]
      .join(", ")
      .concat("."),
    todo: "Find detectors on more answers, or match controls with a wider caliper.",
    facts,
  });
}
