/** The two errors that end the use of a provider. */
import { CountersteerError } from "../errors.ts";
import type { LlmProvider } from "./llm-client.ts";

interface Named {
  provider: LlmProvider;
  model: string;
  server?: string;
}

/** The key, the credit or the model is refused: every further request would be, too. */
export function accessError({
  provider,
  model,
  reason,
  status,
  server,
}: Named & { reason: string; status: number | null }): CountersteerError {
  const todo =
    status === 404
      ? "Check the model's name and the base URL."
      : status === 402 || status === 429
        ? "Add credit to the account; answers that were given are kept."
        : "Set a valid key that may use this model in the environment; docs/judge.md names the variables.";
  return new CountersteerError("LLM_ACCESS", {
    what: `${provider} does not let us use ${model}.`,
    why: reason,
    todo,
    facts: { provider, model, status, ...(server === undefined ? {} : { server }) },
  });
}

/** The provider could not be reached, or failed too often in a row. */
export function unavailableError({
  provider,
  model,
  server,
  reason,
  failures,
}: Named & { reason: string; failures: number }): CountersteerError {
  return new CountersteerError("LLM_UNAVAILABLE", {
    what: `${model} can't be used: ${failures === 1 ? "a request" : `${failures} requests in a row`} failed after all retries.`,
    why: `The last reason: ${reason.replace(/\.$/, "")}.`,
    todo: "Check the server and the address, and go on later: what was generated and judged is kept.",
    facts: { provider, model, failures, reason, ...(server === undefined ? {} : { server }) },
  });
}
