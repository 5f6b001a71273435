/**
 * What "the same" means in the conformance suite. In this process it is bitwise. Servers may round by the batch that a row is computed in, so
 * there it is float32 rounding through a whole model, and two greedy answers may part only where two tokens are nearly as likely.
 */
import { expect } from "vitest";
import type {
  Capture,
  Engine,
  Generation,
  GenerationRequest,
  TokenScores,
} from "../../../src/engine/engine.ts";
import { SERVED, scoreOne } from "./engine.ts";
import { at, maxDifference } from "./numbers.ts";

/** Of log-probabilities. */
const LOG_PROB = 1e-3;
/** Of residual rows and latent values, relative to the largest of them. */
const ROWS = 1e-4;

/**
 * The rounding of one addition to a row. vLLM adds to one of two summands of the stream, whose numbers are larger than their sum, and reads a clamped
 * latent by another kernel than a captured one.
 */
export const ADDITION = SERVED === null ? 2 ** -24 * 1.001 : 2 ** -18;

/** The greatest `missing(i)` of an edited row's numbers, relative to the number itself; of a served model to the largest of all. */
export function additionError({
  values,
  missing,
}: {
  values: Float32Array;
  missing: (value: number, index: number) => number;
}): number {
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return values.reduce((worst, value, i) => {
    const scale = SERVED === null ? Math.abs(value) : largest;
    return Math.max(worst, Math.abs(missing(value, i)) / scale);
  }, 0);
}

/** Greedy answers that parted at a near tie, over all tests of a file. */
export const departures: string[] = [];

export function expectSameScores(
  found: TokenScores | undefined,
  wanted: TokenScores | undefined,
  label = "",
): void {
  if (SERVED === null || found === undefined || wanted === undefined) {
    expect(found, label).toEqual(wanted);
    return;
  }
  expectClose(found.logProbs, wanted.logProbs, LOG_PROB, label);
  expectSameRows(found.receipt, wanted.receipt, label);
}

export function expectSameCapture(found: Capture | undefined, wanted: Capture | undefined, label = ""): void {
  if (SERVED === null || found === undefined || wanted === undefined) {
    expect(found, label).toEqual(wanted);
    return;
  }
  const largest = wanted.values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  expectClose(found.values, wanted.values, ROWS * largest, label);
  expectSameRows(found.receipt, wanted.receipt, label);
}

/** `request` is the one that both answer. */
export async function expectSameGeneration({
  engine,
  request,
  found,
  wanted,
}: {
  engine: Engine;
  request: GenerationRequest;
  found: Generation | undefined;
  wanted: Generation | undefined;
}): Promise<void> {
  const { id } = request;
  if (SERVED === null || found === undefined || wanted === undefined) {
    expect(found, id).toEqual({ ...wanted, id: found?.id });
    return;
  }
  const [a, b] = [[...found.tokens], [...wanted.tokens]];
  const split = Array.from({ length: Math.max(a.length, b.length) }, (_, i) => i).find((i) => a[i] !== b[i]);
  if (split === undefined) {
    expectSameRows(found.receipt, wanted.receipt, id);
    return;
  }
  const gap = await gapAt({ engine, request, shared: b.slice(0, split), tokens: [a[split], b[split]] });
  expect(gap, `${id} parts at token ${split}: "${found.text}", "${wanted.text}"`).toBeLessThan(LOG_PROB);
  departures.push(`${id} at token ${split}`);
}

/** Difference of the log-probabilities of two tokens after the same ones; infinite where it can't be told, for sampled answers and for ends. */
async function gapAt({
  engine,
  request: { tokens, sampling, intervention },
  shared,
  tokens: [mine, theirs],
}: {
  engine: Engine;
  request: GenerationRequest;
  shared: number[];
  tokens: [number | undefined, number | undefined];
}): Promise<number> {
  if (sampling.temperature !== 0 || mine === undefined || theirs === undefined)
    return Number.POSITIVE_INFINITY;
  const before = [...tokens, ...shared];
  const scoreOf = async (token: number) => {
    const parts = intervention === undefined ? {} : { intervention };
    const whole = Int32Array.from([...before, token]);
    return at(await scoreOne(engine, { tokens: whole, from: before.length, ...parts }), 0);
  };
  return Math.abs((await scoreOf(mine)) - (await scoreOf(theirs)));
}

function expectClose(found: Float32Array, wanted: Float32Array, most: number, label: string): void {
  expect(found.length, label).toBe(wanted.length);
  expect(maxDifference(found, wanted), label).toBeLessThanOrEqual(most);
}

/** The counts of a receipt are exact everywhere. */
function expectSameRows(found: Generation["receipt"], wanted: Generation["receipt"], label: string): void {
  const counts = (receipt: Generation["receipt"]) =>
    receipt === null ? null : [receipt.layer, receipt.rowsEdited, receipt.promptRows, receipt.generatedRows];
  expect(counts(found), label).toEqual(counts(wanted));
}
