/** Requests and clients for tests against the toy server. */
import {
  type GenerationRequest,
  GREEDY,
  type Intervention,
  type Sampling,
} from "../../../src/engine/engine.ts";
import { openVllmEngine, type VllmEngine, type VllmEngineOptions } from "../../../src/engine/vllm/engine.ts";
import type { ServedSae } from "../../../src/engine/vllm/protocol.ts";
import { openDictionary } from "../../../src/sae/open-dictionary.ts";
import { D_MODEL } from "./toy-model.ts";
import type { ToyServer } from "./toy-server.ts";

export const PROMPT = Int32Array.from(Buffer.from("how do you fold a shirt"));

export function toyRequest(
  id: string,
  part: Partial<GenerationRequest> & { seed?: number } = {},
): GenerationRequest {
  const { seed = 1, ...rest } = part;
  const sampling: Sampling = { ...GREEDY, temperature: 0.6, maxTokens: 24, seed };
  return { id, tokens: PROMPT, sampling, ...rest };
}

export function toyRequests(count: number): GenerationRequest[] {
  return Array.from({ length: count }, (_, i) => toyRequest(`r${i}`, { seed: i }));
}

export function toyAdd(strength = 2): Intervention {
  const vector = new Float32Array(D_MODEL).fill(1);
  return { layer: 1, positions: { kind: "all" }, edits: [{ kind: "add", direction: { vector }, strength }] };
}

export function openToy(
  servers: readonly ToyServer[],
  options: Partial<VllmEngineOptions> = {},
): Promise<VllmEngine> {
  return openVllmEngine({ urls: servers.map(({ url }) => url), ...options });
}

/** What a server would say of a dictionary that lies here. */
export function served(name: string, path: string): ServedSae {
  const dictionary = openDictionary({ path });
  try {
    const { format, architecture, dModel, latents, k, layer, hookName, modelName } = dictionary;
    return {
      name,
      path: `/srv/${name}`,
      hash: dictionary.hash(),
      format,
      architecture,
      dModel,
      latents,
      k,
      layer,
      hookName,
      modelName,
    };
  } finally {
    dictionary.close();
  }
}
