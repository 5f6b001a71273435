/** How off-topic detectors are found: our rule, and the two of the reference (METHOD.md 8.1, 8.2). */

export const DETECTOR_RULES = ["ours", "paper", "shipped"] as const;
export type DetectorRule = (typeof DETECTOR_RULES)[number];

export const POOLINGS = ["mean", "max"] as const;
/** How the values of a latent over the tokens that count become one number. */
export type Pooling = (typeof POOLINGS)[number];

/** `response`: the answer's own tokens. `all`: also those of the question and of the template. */
export const TOKEN_SCOPES = ["response", "all"] as const;
export type TokenScope = (typeof TOKEN_SCOPES)[number];

export const DIRECTIONS = ["off-topic", "both"] as const;
/** Which side latents are taken from: those that fire more off topic, or those that fire more on topic as well. */
export type DetectorDirection = (typeof DIRECTIONS)[number];

export interface DetectorSettings {
  pooling: Pooling;
  tokens: TokenScope;
  /** Pairings of answers with other prompts, each prompt with another partner in each; at most prompts - 1. */
  derangements: number;
  /** Share of the prompts that confirm and don't select; 0 confirms nothing. */
  holdOut: number;
  /** A latent is tested if it fires in at least this share of the readings, on and off topic taken together. */
  minFiringShare: number;
  /** False discovery rate. */
  alpha: number;
  /** Detectors at most; null takes all. */
  top: number | null;
  direction: DetectorDirection;
}

/** The paper's sets have 26 and 25 latents. */
const TOP = 26;

const PUBLISHED = { pooling: "max", tokens: "all", holdOut: 0, minFiringShare: 0, alpha: 0.05 } as const;

/**
 * ours: best separation among the latents that pass the test at the false discovery rate.
 * paper: silent on every on-topic reading, active in 80 % of the off-topic ones; one derangement (METHOD.md 8.1).
 * shipped: every off-topic reading of the first derangement above every on-topic one, an AUC of 1 (METHOD.md 8.2). Which tokens it
 * pooled over is not told; those of the published finder are taken.
 */
export const RULE_SETTINGS: Readonly<Record<DetectorRule, DetectorSettings>> = {
  ours: {
    pooling: "mean",
    tokens: "response",
    derangements: 8,
    holdOut: 0.5,
    minFiringShare: 0.1,
    alpha: 0.05,
    top: TOP,
    direction: "off-topic",
  },
  paper: { ...PUBLISHED, derangements: 1, top: null, direction: "off-topic" },
  shipped: { ...PUBLISHED, derangements: 10, top: null, direction: "off-topic" },
};

/** What counts as firing in the published finder (METHOD.md 8.1). */
export const ACTIVE = 1e-8;
/** Share of off-topic readings in which a latent of the published finder fires at least. */
export const PAPER_OFF_SHARE = 0.8;
