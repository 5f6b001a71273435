/** Whether a server can steer as asked, and whether it is the same as the others and as before. Nothing is generated before that is known. */
import { setTimeout as delay } from "node:timers/promises";
import { CountersteerError } from "../../errors.ts";
import { healthSchema, PROTOCOL, ROUTES, type ServerHealth } from "./protocol.ts";
import type { ServerApi } from "./server-api.ts";

/** Versions of countersteer-vllm that this version works with: the same first two numbers. */
const PLUGIN = "0.1";
const PLUGIN_PACKAGE = "countersteer-vllm";

/** A health report whose model hash is known. */
export interface ReadyHealth extends ServerHealth {
  model: ServerHealth["model"] & { hash: string };
}

/** The server computes the hash of its model in the background, and is not ready before. */
class HashPending extends Error {
  constructor() {
    super("the hash of the served model is still being computed");
    this.name = "HashPending";
  }
}

/**
 * One look at a server. Throws LIBRARY_MISMATCH where it has no plug-in or another version, what the server says of itself where it can't
 * steer (compiled graphs and the like), `HashPending`, and what `ServerApi.ask` throws.
 */
export async function readHealth({
  api,
  url,
  signal,
}: {
  api: ServerApi;
  url: string;
  signal: AbortSignal;
}): Promise<ReadyHealth> {
  let health: ServerHealth;
  try {
    health = await api.ask({ url, route: ROUTES.health, signal }, healthSchema);
  } catch (error) {
    const status = error instanceof CountersteerError ? error.facts.status : undefined;
    if (status === 404 || status === 405) throw noPlugin(url);
    throw error;
  }
  const { protocol, plugin, refusal, model } = health;
  if (protocol !== PROTOCOL || plugin.split(".").slice(0, 2).join(".") !== PLUGIN) {
    throw new CountersteerError("LIBRARY_MISMATCH", {
      what: `${url} has ${PLUGIN_PACKAGE} ${plugin} (protocol ${protocol}).`,
      why: `This version of Countersteer works with ${PLUGIN}.x (protocol ${PROTOCOL}).`,
      todo: `Install ${PLUGIN_PACKAGE} ${PLUGIN} in the server's environment and start it again.`,
      facts: { url, plugin, protocol, wanted: { plugin: PLUGIN, protocol: PROTOCOL } },
    });
  }
  if (refusal !== null) {
    throw new CountersteerError(refusal.code, {
      ...refusal,
      what: `${url} can't steer: ${refusal.what}`,
      facts: { ...refusal.facts, url },
    });
  }
  const { hash } = model;
  if (hash === null) throw new HashPending();
  return { ...health, model: { ...model, hash } };
}

/** Waits until the server answers and knows its hash, or patience ends. Throws VLLM_UNAVAILABLE and what `readHealth` throws. */
export async function awaitHealth({
  patienceMs,
  now,
  ...look
}: Parameters<typeof readHealth>[0] & { patienceMs: number; now: () => number }): Promise<ReadyHealth> {
  const began = now();
  for (;;) {
    try {
      return await readHealth(look);
    } catch (error) {
      if (!(error instanceof HashPending) || now() - began > patienceMs) throw unavailable(look.url, error);
    }
    await delay(1000, undefined, { signal: look.signal });
  }
}

function unavailable(url: string, error: unknown): CountersteerError {
  if (error instanceof CountersteerError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new CountersteerError("VLLM_UNAVAILABLE", {
    what: `${url} does not answer as a vLLM server.`,
    why: `The reason: ${reason || "no connection"}.`,
    todo: "Check the address, and that the server has finished starting (`countersteer vllm serve --print MODEL` writes its command).",
    facts: { url, reason },
    cause: error,
  });
}

function noPlugin(url: string): CountersteerError {
  return new CountersteerError("LIBRARY_MISMATCH", {
    what: `${url} is a server without ${PLUGIN_PACKAGE}.`,
    why: "Plain vLLM ignores an intervention and answers unsteered.",
    todo: `Install ${PLUGIN_PACKAGE} in the server's environment and start it as \`countersteer vllm serve --print MODEL\` says.`,
    facts: { url },
  });
}

/** What must be equal for two answers to be of one model, by names for a person. */
function identityOf({ model, plugin, vllm }: ReadyHealth): Record<string, string | number | null> {
  return {
    "model hash": model.hash,
    "weight type": model.weightType,
    "cache type": model.cacheType,
    layers: model.layers,
    width: model.dModel,
    vocabulary: model.vocabulary,
    "chat template": model.chatTemplate,
    "context length": model.maxModelLen,
    "vLLM version": vllm,
    "plug-in version": plugin,
  };
}

/** Names of what differs. */
export function differences(a: ReadyHealth, b: ReadyHealth): string[] {
  const other = identityOf(b);
  return Object.entries(identityOf(a))
    .filter(([name, value]) => other[name] !== value)
    .map(([name]) => name);
}
