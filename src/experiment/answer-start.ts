/** The start that an answer is given before the model goes on, and the whole answer with it. */
import type { Generation } from "../engine/engine.ts";
import { plainTokens, type TextEngine } from "../engine/plain-tokens.ts";
import type { TrialRecord } from "../store/records.ts";
import type { DeclaredArm, Prefill } from "./arms.ts";

/** Text as tokens, as a generation has them. */
export type Span = Pick<Generation, "tokens" | "text" | "offsets">;

export interface StartOptions {
  engine: TextEngine;
  prefill: Prefill;
  /** What an arm of this name answered to the same unit; null where there is no answer. */
  answerOf: (arm: string) => Span | null;
}

/** null where a start has no token, because a trial that it is made of failed or said nothing. */
export async function startOf({ engine, prefill, answerOf }: StartOptions): Promise<Span | null> {
  if (prefill.kind === "text") return await givenSpan({ engine, text: prefill.text });
  const { arm, sameLengthAs, tokens, followedBy } = prefill;
  const source = answerOf(arm);
  const lengths = [arm, ...sameLengthAs].map((name) => answerOf(name)?.tokens.length ?? 0);
  for (let count = Math.min(tokens, ...lengths); source !== null && count > 0; count--) {
    const span = firstTokens({ span: source, count });
    // a start that ends within a character would be continued by the rest of it, which is no text
    if ((await engine.detokenize(span.tokens)).endsWith("\uFFFD")) continue;
    if (followedBy === undefined) return span;
    // tokenized apart, so that its first token is one of its own
    return joined({ start: span, rest: await givenSpan({ engine, text: followedBy }) });
  }
  return null;
}

/** The whole answer: offsets of the continuation count from the beginning of the start. */
export function joined({ start, rest }: { start: Span; rest: Span }): Span {
  const length = start.text.length;
  return {
    tokens: Int32Array.from([...start.tokens, ...rest.tokens]),
    text: start.text + rest.text,
    offsets: Int32Array.from([...start.offsets, ...rest.offsets.map((offset) => offset + length)]),
  };
}

/** Arms whose answers others begin with, then those others. */
export function inOrder(arms: readonly DeclaredArm[]): DeclaredArm[][] {
  const after = (arm: DeclaredArm) => arm.prefill?.kind === "arm";
  return [arms.filter((arm) => !after(arm)), arms.filter(after)];
}

/** A stored trial as a source of starts. */
export function spanOf(trial: TrialRecord | null): Span | null {
  return trial === null || trial.error !== null ? null : trial;
}

async function givenSpan({ engine, text }: Pick<StartOptions, "engine"> & { text: string }): Promise<Span> {
  const tokens = await plainTokens({ engine, text });
  return { tokens, text, offsets: await offsetsOf({ engine, tokens, text }) };
}

function firstTokens({ span, count }: { span: Span; count: number }): Span {
  const end = span.offsets[count] ?? span.text.length;
  return {
    tokens: span.tokens.slice(0, count),
    text: span.text.slice(0, end),
    offsets: span.offsets.slice(0, count),
  };
}

/** Where each token of a given text begins: at the length of what the tokens before it spell. */
async function offsetsOf({
  engine,
  tokens,
  text,
}: {
  engine: StartOptions["engine"];
  tokens: Int32Array;
  text: string;
}): Promise<Int32Array> {
  const spelled = await Promise.all(
    Array.from({ length: tokens.length + 1 }, (_, i) => engine.detokenize(tokens.slice(0, i))),
  );
  // some tokenizers put a blank before a text that has none
  const whole = spelled.at(-1) ?? text;
  const added = whole.endsWith(text) ? whole.length - text.length : 0;
  return Int32Array.from(tokens, (_, i) => {
    const before = (spelled[i] ?? "").replace(/\uFFFD+$/, "");
    return Math.min(text.length, Math.max(0, before.length - added));
  });
}
