/** From the command line to a running engine with a checked SAE. */
import { checkSae } from "../engine/check-sae.ts";
import type { Engine } from "../engine/engine.ts";
import { type LlamaEngineOptions, openLlamaEngine } from "../engine/llama/engine.ts";
import { openVllmEngine } from "../engine/vllm/engine.ts";
import { servedAdapter } from "../engine/vllm/served-adapter.ts";
import { type AppliedAdapter, withAdapter } from "../engine/with-adapter.ts";
import { resolveAdapter } from "../finetune/adapter/resolve-adapter.ts";
import { DEFAULT_MODEL, findModel, type KnownModel } from "../model/registry.ts";
import { resolveModel } from "../model/resolve-model.ts";
import type { Dictionary } from "../sae/dictionary.ts";
import { openDictionary } from "../sae/open-dictionary.ts";
import { resolveSae } from "../sae/resolve-sae.ts";
import type { CliContext } from "./context.ts";
import { hubAccess } from "./hub-access.ts";
import { machineOf } from "./machine.ts";
import type { EngineFlags } from "./options.ts";
import { layerOf, saeOf } from "./sae-of.ts";
import { type NamedServers, namedServers, serverKey } from "./server-flags.ts";

export interface OpenEngineOptions {
  flags: EngineFlags;
  context: CliContext;
  /** Settings of the command itself, which the user's flags override. */
  defaults?: Partial<Omit<LlamaEngineOptions, "model" | "cacheDir">>;
}

export interface OpenedEngine {
  engine: Engine;
  /** The registry's entry; null for a file. */
  known: KnownModel | null;
  /** Of `--adapter`: the engine applies it to every request. */
  adapter: AppliedAdapter | null;
  close: () => Promise<void>;
}

export interface OpenedWithSae extends OpenedEngine {
  dictionary: Dictionary;
  layer: number;
}

export interface OpenedAtLayer extends OpenedEngine {
  dictionary: Dictionary | null;
  layer: number;
}

/** What the flags mean: a model in this process, or servers. With the adapter of `--adapter`. Throws what opening throws, ADAPTER_MISMATCH. */
export async function openEngine(options: OpenEngineOptions): Promise<OpenedEngine> {
  const servers = namedServers(options.flags);
  return servers?.kind === "vllm" ? await openServed({ ...options, servers }) : await openLocal(options);
}

async function openServed({
  flags,
  context: { terminal, env, signal },
  servers,
}: OpenEngineOptions & { servers: NamedServers }): Promise<OpenedEngine> {
  const { urls = [], inFlight, saeRoot } = servers;
  terminal.status("asking the servers");
  const served = await openVllmEngine({
    urls,
    inFlight,
    saeRoot,
    apiKey: serverKey(env),
    onWarning: (text) => terminal.warn(text),
    signal,
  });
  terminal.clearStatus();
  const { adapters } = served;
  try {
    const given = flags.adapter;
    const adapter = given === undefined ? null : await servedAdapter({ given, adapters });
    const engine = adapter === null ? served : withAdapter({ engine: served, adapter });
    return {
      engine,
      known: findModel(flags.model ?? DEFAULT_MODEL),
      adapter,
      close: () => engine.close(),
    };
  } catch (error) {
    await served.close();
    throw error;
  }
}

/** Resolves and, if need be, pulls the model. */
async function openLocal({ flags, context, defaults = {} }: OpenEngineOptions): Promise<OpenedEngine> {
  const { terminal, env, signal } = context;
  const machine = await machineOf({ flags, context });
  const { cacheDir, onPull, workers, threads, slots, contextPerSlot, fastType } = machine;
  const { path: file, known } = await resolveModel({
    model: flags.model ?? DEFAULT_MODEL,
    cacheDir,
    onProgress: onPull,
    signal,
    ...hubAccess(env),
  });
  // a wrong `--adapter` should be told before a model is opened
  const adapter =
    flags.adapter === undefined ? null : await resolveAdapter({ path: flags.adapter, model: file, cacheDir });
  terminal.status("opening the model");
  const opened = await openLlamaEngine({
    ...defaults,
    model: file,
    cacheDir,
    ...(flags.weights === undefined ? {} : { weights: flags.weights }),
    ...(workers === undefined ? {} : { workers }),
    ...(threads === undefined ? {} : { threads }),
    ...(slots === undefined ? {} : { slots }),
    ...(contextPerSlot === undefined ? {} : { contextPerSlot }),
    // a command that names a type of its own means that one, whatever is fastest here
    ...(fastType === undefined || defaults.fastType !== undefined ? {} : { fastType }),
  });
  terminal.clearStatus();
  const engine = adapter === null ? opened : withAdapter({ engine: opened, adapter });
  return { engine, known, adapter, close: () => engine.close() };
}

/** As `openEngine`, with the SAE of `--sae` or of the model, checked against model and layer. Throws SAE_MISMATCH, SAE_UNREADABLE, CONFIG_INVALID. */
export async function openEngineWithSae(options: OpenEngineOptions): Promise<OpenedWithSae> {
  const { flags, context } = options;
  const machine = await machineOf({ flags, context });
  const open = async (sae: string) =>
    openDictionary({
      path: await resolveSae({
        sae,
        cacheDir: machine.cacheDir,
        onProgress: machine.onPull,
        signal: context.signal,
        ...hubAccess(context.env),
      }),
    });
  // a wrong `--sae` should be told before a model is pulled and opened
  const early = flags.sae === undefined ? null : await open(flags.sae);
  let opened: OpenedEngine | null = null;
  let dictionary: Dictionary | null = early;
  try {
    opened = await openEngine(options);
    const { engine, known } = opened;
    dictionary ??= await open(saeOf({ flags, known }));
    const layer = layerOf({ flags, dictionary, known });
    const allowLayerMismatch = flags.allowLayerMismatch === true;
    for (const warning of checkSae({ dictionary, info: engine.info, layer, allowLayerMismatch })) {
      context.terminal.warn(warning);
    }
    const sae = dictionary;
    return {
      ...opened,
      dictionary: sae,
      layer,
      close: async () => {
        await engine.close();
        sae.close();
      },
    };
  } catch (error) {
    await opened?.close();
    dictionary?.close();
    throw error;
  }
}

/** As `openEngineWithSae` where an SAE is needed; else the engine alone, at the layer that the flags or the model's defaults say. */
export async function openEngineAtLayer({
  needsSae,
  ...options
}: OpenEngineOptions & { needsSae: boolean }): Promise<OpenedAtLayer> {
  if (needsSae) return await openEngineWithSae(options);
  const { flags } = options;
  const layer = layerOf({ flags, dictionary: null, known: findModel(flags.model ?? DEFAULT_MODEL) });
  return { ...(await openEngine(options)), dictionary: null, layer };
}
