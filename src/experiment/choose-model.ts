/** The model that a configuration means: a file for the in-process engine, or what servers serve. */
import type { Engine } from "../engine/engine.ts";
import { openLlamaEngine } from "../engine/llama/engine.ts";
import { openVllmEngine } from "../engine/vllm/engine.ts";
import { servedAdapter } from "../engine/vllm/served-adapter.ts";
import { findModel, type KnownModel } from "../model/registry.ts";
import { resolveModel } from "../model/resolve-model.ts";
import { type AdapterOf, adaptersOf } from "./arm-adapter.ts";
import type { RunConfig } from "./config.ts";
import type { MachineOptions } from "./session.ts";

export interface ChosenModel {
  known: KnownModel | null;
  adapterOf: AdapterOf;
  open: (needs: { contextPerSlot: number; sae: string }) => Promise<Engine>;
  /** For a model that was not opened; an opened engine closes itself. */
  close: () => Promise<void>;
}

/** Pulls a file if need be; shakes hands with servers. Throws what those throw. */
export async function chooseModel({
  config,
  machine,
}: {
  config: RunConfig;
  machine: MachineOptions;
}): Promise<ChosenModel> {
  return config.engine.kind === "vllm"
    ? await servedModel({ settings: config.engine, config, machine })
    : await localModel({ config, machine });
}

async function localModel({
  config,
  machine,
}: {
  config: RunConfig;
  machine: MachineOptions;
}): Promise<ChosenModel> {
  const { cacheDir, onPull, signal } = machine;
  const { path: model, known } = await resolveModel({
    model: config.model,
    cacheDir,
    ...(onPull ? { onProgress: onPull } : {}),
    ...(signal ? { signal } : {}),
    ...machine.hub,
  });
  return {
    known,
    adapterOf: adaptersOf({ model, cacheDir }),
    open: ({ contextPerSlot }) =>
      openLlamaEngine({
        model,
        weights: config.weights,
        cacheDir,
        contextPerSlot: machine.contextPerSlot ?? contextPerSlot,
        ...defined({
          workers: machine.workers,
          threads: machine.threads,
          slots: machine.slots,
          fastType: machine.fastType,
        }),
      }),
    close: async () => undefined,
  };
}

async function servedModel({
  settings: { urls, inFlight, saeRoot },
  config,
  machine: { vllm, onWarning, signal },
}: {
  settings: Extract<RunConfig["engine"], { kind: "vllm" }>;
  config: RunConfig;
  machine: MachineOptions;
}): Promise<ChosenModel> {
  const engine = await openVllmEngine({
    urls,
    inFlight: inFlight ?? undefined,
    saeRoot: saeRoot ?? undefined,
    apiKey: vllm?.apiKey,
    onWarning,
    signal,
  });
  return {
    known: findModel(config.model),
    adapterOf: (given) => servedAdapter({ given, adapters: engine.adapters }),
    open: async ({ sae }) => {
      // a server with another dictionary should be told before the first trial
      await engine.requireSae(sae);
      return engine;
    },
    close: () => engine.close(),
  };
}

/** Leaves out what is not set, for options whose default must stay. */
function defined<T extends Record<string, unknown>>(options: T): { [K in keyof T]?: NonNullable<T[K]> } {
  const kept = Object.entries(options).filter(([, value]) => value !== undefined);
  // only keys of T with a set value are left
  return Object.fromEntries(kept) as { [K in keyof T]?: NonNullable<T[K]> };
}
