import { expect, test } from "vitest";
import { duration, progressLine } from "./progress-line.ts";

test("the live line says phase, steps, pace, time left and the running rate with its interval", () => {
  const line = progressLine({
    phase: "trials",
    done: 12,
    total: 96,
    tokens: 1500,
    tokensPerSecond: 301.4,
    secondsLeft: 75,
    rate: { judged: 10, multiAttempt: 1, lower: 0.018, upper: 0.404 },
  });
  expect(line).toMatchInlineSnapshot(
    `"trials · 12/96 · 301 tokens/s · 1 min 15 s left · multi-attempt 10.0 % [1.8, 40.4] of 10 steered"`,
  );
});

test("what is not known yet is left out", () => {
  const nothing = { done: 0, total: 0, tokens: 0, tokensPerSecond: 0, secondsLeft: null, rate: null };
  expect(progressLine({ phase: "latents", ...nothing })).toBe("latents");
});

test("durations are whole seconds, in minutes from the first minute on", () => {
  expect([0.4, 59.4, 60, 3599.6].map(duration)).toEqual(["0 s", "59 s", "1 min 00 s", "60 min 00 s"]);
});
