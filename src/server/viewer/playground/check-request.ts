/** Refuses what can't be answered before the stream begins, as far as it can be told without the model. */
import { CountersteerError } from "../../../errors.ts";
import { LABEL } from "../../../experiment/trial-setup.ts";
import { checkLatent } from "../../../sae/dictionary.ts";
import type { PlaygroundRequest } from "../api/playground.ts";
import { latentOf, metaPromptText } from "./chosen-pair.ts";
import type { PlaygroundFacts } from "./facts.ts";

/** Throws PROMPT_EMPTY, LATENT_UNKNOWN, CONTEXT_OVERFLOW, REQUEST_INVALID. */
export function checkRequest({
  request,
  facts: { dictionary, adapters, shown },
}: {
  request: PlaygroundRequest;
  facts: Pick<PlaygroundFacts, "dictionary" | "adapters" | "shown">;
}): void {
  const { prompt, steering, ablate, adapter, maxTokens } = request;
  if (prompt.trim() === "") {
    throw new CountersteerError("PROMPT_EMPTY", {
      what: "The question is empty.",
      why: "A model can't answer nothing.",
      todo: "Write a question.",
    });
  }
  if (steering === null && ablate.length === 0) {
    throw refused(
      "Nothing is edited.",
      "Both answers would be the same one.",
      "Choose a latent, a contrast or an ablation.",
    );
  }
  const latent = latentOf(request);
  if (dictionary !== null) {
    for (const each of latent === null ? ablate : [latent, ...ablate])
      checkLatent({ facts: dictionary, latent: each });
  }
  if (latent === null && metaPromptText(request).includes(LABEL)) {
    throw refused(
      `The meta-prompt names the label of the steered latent (${LABEL}).`,
      "No latent is steered with.",
      "Choose a latent, or another meta-prompt.",
    );
  }
  if (adapter !== null && !adapters.has(adapter)) {
    const names = [...adapters.keys()];
    throw refused(
      "There is no such adapter.",
      names.length === 0 ? "None was given, and none is shipped." : `The adapters are ${names.join(", ")}.`,
      "Choose one of the list; `countersteer view --adapter` adds files to it.",
    );
  }
  if (!Number.isSafeInteger(request.seed)) {
    throw refused("The seed is too large.", "Seeds are whole numbers below 2^53.", "Give a smaller one.");
  }
  if (maxTokens >= shown.model.contextLength) {
    throw new CountersteerError("CONTEXT_OVERFLOW", {
      what: `${maxTokens} tokens were asked for.`,
      why: `Question and answer together may have ${shown.model.contextLength}.`,
      todo: "Ask for a shorter answer, or start the viewer with a larger --context.",
      facts: { maxTokens, contextLength: shown.model.contextLength },
    });
  }
}

function refused(what: string, why: string, todo: string): CountersteerError {
  return new CountersteerError("REQUEST_INVALID", { what, why, todo });
}
