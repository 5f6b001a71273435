/** Whether the engine's context holds any answer of a run at all: a single prompt that is too long costs its own trials, a context that is too small all of them. */
import { CountersteerError } from "../errors.ts";
import type { Session } from "./session.ts";

/** Throws CONTEXT_OVERFLOW where not even the shortest prompt fits with the longest answer. */
export async function checkContext({
  session,
}: {
  session: Pick<Session, "engine" | "prompts" | "sampling" | "config" | "tokensOf">;
}): Promise<void> {
  const { engine, prompts, sampling, config, tokensOf } = session;
  const room = Number(engine.build.contextPerSlot ?? engine.info.contextLength);
  for (const { name, texts, newTokens } of [
    { name: "evaluation", texts: prompts.evaluation, newTokens: sampling.maxTokens },
    { name: "held-out", texts: prompts.heldOut, newTokens: config.threshold.maxTokens },
  ]) {
    const shortest = [...texts].sort((a, b) => a.length - b.length)[0] ?? "";
    const promptTokens = (await tokensOf(shortest)).length;
    if (promptTokens + newTokens <= room) continue;
    throw new CountersteerError("CONTEXT_OVERFLOW", {
      what: `The shortest of the ${name} prompts needs ${promptTokens + newTokens} tokens (${promptTokens} + ${newTokens}).`,
      why: `A slot of this engine holds ${room}, so every trial would fail.`,
      todo: "Raise `--context`, or lower `--max-tokens`.",
      facts: { prompts: name, promptTokens, newTokens, contextPerSlot: room },
    });
  }
}
