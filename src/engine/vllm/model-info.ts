/** What the manifest holds of a served model and of the servers. */
import { basename } from "node:path";
import type { ModelInfo } from "../engine.ts";
import type { ReadyHealth } from "./handshake.ts";
import { PROTOCOL } from "./protocol.ts";

/** `fileHash` is the server's hash over configuration and weights, so it never equals that of a GGUF file of the same model. */
export function infoOf({ model }: ReadyHealth): ModelInfo {
  return {
    path: model.path,
    fileHash: model.hash,
    architecture: model.architecture,
    name: model.served[0] ?? basename(model.path),
    layers: model.layers,
    dModel: model.dModel,
    vocabulary: model.vocabulary,
    contextLength: model.maxModelLen,
    addsBos: model.addsBos,
    weightType: model.weightType,
    weightMode: "as-is",
    chatTemplate: model.chatTemplate,
    bosText: model.bosText,
    eosText: model.eosText,
  };
}

/** `workers` and `slots` are what tells a run how many trials it may have under way. vLLM always samples a token, whose place is no context. */
export function buildOf({
  health: { engine, model, build, plugin, vllm },
  replicas,
  inFlight,
}: {
  health: ReadyHealth;
  replicas: number;
  inFlight: number;
}): Record<string, string | number> {
  return {
    ...build,
    engine: "vllm",
    vllm,
    plugin,
    protocol: PROTOCOL,
    device: engine.device,
    dtype: model.dtype,
    quantization: model.quantization ?? "none",
    cache: model.cacheType,
    tensorParallel: engine.tensorParallel,
    pipelineParallel: engine.pipelineParallel,
    dataParallel: engine.dataParallel,
    eager: String(engine.eager),
    contextPerSlot: model.maxModelLen - 1,
    workers: replicas,
    slots: inFlight,
  };
}
