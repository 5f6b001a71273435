/** Named settings. A preset is what a YAML file would say; flags go over it. */
import type { z } from "zod";
import type { configSchema } from "./config.ts";

type Settings = z.input<typeof configSchema>;

export const PRESETS: Record<string, Settings> = {
  /** A table in a few minutes on a laptop: both arms, few and short trials. */
  demo: {
    designs: ["baseline", "esr"],
    weights: "fast",
    latents: { count: 12 },
    threshold: { samples: 3, minQueries: 5, maxQueries: 8, verifySamples: 6, maxTokens: 80 },
    trialsPerLatent: 4,
    sampling: { maxTokens: 128 },
  },
  /** Both arms at a size that can show a rate of a few per cent on the default model. */
  small: {
    designs: ["baseline", "esr"],
    weights: "fast",
    latents: { count: 60 },
    threshold: { samples: 3, minQueries: 6, maxQueries: 12, verifySamples: 5, maxTokens: 128 },
    trialsPerLatent: 5,
    sampling: { maxTokens: 256 },
  },
  /** The paper's experiment 1 (METHOD.md 5.4): ten queries always, one sample each, no verification beyond one sample. */
  "paper-v1": {
    designs: ["esr"],
    latents: { count: 500, minFrequency: 0 },
    threshold: {
      samples: 1,
      minQueries: 10,
      maxQueries: 10,
      relativeWidth: 0.0001,
      verifySamples: 1,
      maxTokens: 256,
    },
    trialsPerLatent: 5,
    sampling: { maxTokens: 512 },
  },
};
