/**
 * Values as tones: few steps, so that neighbours look alike and a legend can name each. Topicality has two sides, steps in nats that are the same in
 * every trial; a latent has one side, in shares of the largest value that is on the page.
 */

export interface Tone {
  tone: number;
  /** Values with this tone, in words. */
  words: string;
}

export interface Scale {
  kind: "two-sided" | "one-sided";
  unit: string;
  /** -4 to 4, or 0 to 5; 0 is no colour, and so is the tone of a token without a value. */
  toneOf(value: number | null): number;
  /** From the lowest tone to the highest. */
  legend: Tone[];
  /** What lies between each tone and the next, and for a latent above the last; rounded. */
  bounds: string[];
}

const ONE_TOKEN = [0.25, 0.75, 1.5, 3] as const;
/** Means over neighbours are smaller: what tells is a lasting difference. */
const SMOOTHED = [0.05, 0.15, 0.3, 0.6] as const;

export function topicalityScale({ smoothed }: { smoothed: boolean }): Scale {
  const steps = smoothed ? SMOOTHED : ONE_TOKEN;
  const words = (step: number) => {
    const [from, to] = [steps[step - 1], steps[step]];
    return to === undefined ? `${from} and more` : `${from} to ${to}`;
  };
  const bounds = [...steps.map((step) => `−${step}`).reverse(), ...steps.map(String)];
  return {
    kind: "two-sided",
    bounds,
    unit: "nats",
    toneOf: (value) => {
      if (value === null) return 0;
      const size = steps.filter((step) => Math.abs(value) >= step).length;
      return value < 0 && size > 0 ? -size : size;
    },
    legend: [
      ...[4, 3, 2, 1].map((step) => ({ tone: -step, words: `${words(step)} nats off topic` })),
      { tone: 0, words: `within ${steps[0]} nats of no difference` },
      ...[1, 2, 3, 4].map((step) => ({ tone: step, words: `${words(step)} nats on topic` })),
    ],
  };
}

const LEVELS = 5;

/** `max` is the largest value that shares the scale; without one above 0 nothing is coloured. */
export function latentScale({ max }: { max: number }): Scale {
  const bound = (level: number) => String(Number(((level * max) / LEVELS).toPrecision(3)));
  return {
    kind: "one-sided",
    bounds: max > 0 ? Array.from({ length: LEVELS + 1 }, (_, level) => bound(level)) : [],
    unit: "",
    toneOf: (value) => {
      if (value === null || value <= 0 || max <= 0) return 0;
      return Math.min(LEVELS, Math.max(1, Math.ceil((LEVELS * value) / max)));
    },
    legend: [
      { tone: 0, words: "does not fire" },
      ...(max > 0
        ? Array.from({ length: LEVELS }, (_, i) => ({
            tone: i + 1,
            words: `above ${bound(i)} up to ${bound(i + 1)}`,
          }))
        : []),
    ],
  };
}
