/** What a command line and the environment say about vLLM servers. */
import { CountersteerError } from "../errors.ts";
import type { ServerFlags } from "./options.ts";

export interface NamedServers {
  kind: "vllm";
  urls?: string[];
  inFlight?: number;
  saeRoot?: string;
}

/** Null where the flags say nothing about engines. `--url` alone means vllm. Throws CONFIG_INVALID for servers of the in-process engine. */
export function namedServers({
  engine,
  url,
  inFlight,
  saeRoot,
}: ServerFlags): NamedServers | { kind: "llama" } | null {
  const ofServers = { "--url": url, "--in-flight": inFlight, "--sae-root": saeRoot };
  const given = Object.entries(ofServers).flatMap(([flag, value]) => (value === undefined ? [] : [flag]));
  if (engine === "llama") {
    if (given.length === 0) return { kind: "llama" };
    throw new CountersteerError("CONFIG_INVALID", {
      what: `${given.join(", ")} and --engine llama were given together.`,
      why: "The in-process engine has no servers.",
      todo: "Leave one of them out.",
      facts: { given },
    });
  }
  if (engine === undefined && given.length === 0) return null;
  return {
    kind: "vllm",
    ...(url === undefined ? {} : { urls: url }),
    ...(inFlight === undefined ? {} : { inFlight }),
    ...(saeRoot === undefined ? {} : { saeRoot }),
  };
}

/** The key of the servers, from a variable of its own so that no other server's key goes there by mistake. */
export function serverKey(env: Record<string, string | undefined>): string | undefined {
  const key = env.COUNTERSTEER_VLLM_API_KEY?.trim() ?? "";
  return key === "" ? undefined : key;
}
