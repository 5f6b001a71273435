/** What the words and marks of a report mean, for a reader who has never seen one. */
import type { Block } from "./blocks.ts";

export const HOW_TO_READ: Block[] = [
  {
    kind: "text",
    text:
      "A model answers a how-to question while a multiple of a dictionary direction (a latent) is added to its inner state, which pulls the answer towards something else. " +
      "Sometimes the model notices, says so, and returns to the question although the pull stays on. This report counts how often.",
  },
  {
    kind: "folded",
    summary: "Words and marks",
    blocks: [
      {
        kind: "terms",
        items: [
          ["trial", "One answer to one prompt, at one latent, strength and seed, in one arm."],
          [
            "arm",
            "What differs between trials that are compared: steered or not, an ablated set of latents, a further instruction, an adapter.",
          ],
          [
            "attempt",
            "A part of the answer that tries to answer. A new one begins only at explicit restart wording, such as “wait, let me start over”.",
          ],
          ["score", "How well an attempt answers the question, 0 to 100, by the judge that is named below."],
          ["multi-attempt", "Trials with at least two scored attempts."],
          [
            "ESR",
            "Multi-attempt trials whose last attempt scores higher than the first, of all scored trials. “Improved of multi” is the same count, of the multi-attempt trials alone.",
          ],
          [
            "3/48",
            "Three of forty-eight trials. A rate without its denominator says little; all of them are listed.",
          ],
          [
            "interval by latent",
            "Where the true value may well lie (95 of 100 such intervals hold it). It knows that answers under one latent resemble each other. Wilson's takes them as independent and is usually too narrow.",
          ],
          [
            "p, p Holm",
            "How often a difference this large would come by chance if the arms did not differ; Holm's is corrected for the number of comparisons in the family.",
          ],
          [
            "dose",
            "Length of what is added, relative to the length of the state it is added to: comparable across latents and models.",
          ],
          [
            "threshold",
            "The strength at which the first attempt scores the target on average, so that every latent is steered about as hard.",
          ],
          ["-", "There is no such number, for example a share of no trials. It is not 0."],
        ],
      },
    ],
  },
  {
    kind: "text",
    text: "Before you believe a rate, read some of the trials below it, and see what success hangs on: a first attempt near 0 can hardly do anything but rise.",
  },
];
