/**
 * A design of your own: where does steering have to act?
 * Put such a file into `src/experiment/designs/`, add it to the list in `src/experiment/design-list.ts`, and a configuration can say
 * `designs: [{name: steered-part, phrases: ["Finally"]}]`.
 */
import { z } from "zod";
import { steeredArm, unsteeredArm } from "../../src/experiment/arms.ts";
import { against, defineDesign } from "../../src/experiment/design.ts";

const settings = z.strictObject({
  /** The answer is steered until it contains one of these. */
  phrases: z.array(z.string().min(1)).min(1).default(["Wait", "However"]),
});

export const steeredPart = defineDesign({
  name: "steered-part",
  paper: "-",
  summary:
    "Steering of the prompt alone, of the answer alone, and until a phrase, against steering of everything.",
  settings,
  declare: ({ phrases }) => {
    const parts = [
      steeredArm({ name: "prompt-only", positions: { kind: "prompt" } }),
      steeredArm({ name: "answer-only", positions: { kind: "generated" } }),
      steeredArm({ name: "until-phrase", positions: { kind: "until-phrase", phrases } }),
    ];
    return {
      // every arm replays the same latents, strengths, prompts and seeds, so that each pair is exact
      arms: [unsteeredArm(), steeredArm(), ...parts],
      // one family: the report corrects their p values together
      comparisons: against({
        reference: "steered",
        treatments: parts.map(({ name }) => name),
        outcomes: ["multi-attempt", "first-score"],
      }),
    };
  },
});
