/** The command that starts a vLLM server as an experiment needs it, for a person or a script to run where the GPUs are. */
import { CountersteerError } from "../../errors.ts";

export interface StartOptions {
  /** What transformers loads the model by: a repository on the hub, or a folder in Hugging Face's format. */
  model: string;
  /** Name that clients may use. */
  served: string;
  /** In billions; null where it isn't known. */
  parameters: number | null;
  /** null decides by size: fp8 from 60 billion on, as in the paper. */
  quantization: "none" | "fp8" | null;
  /** Memory of one GPU in GB; null is the CPU. */
  gpuMemory: number | null;
  /** GPUs that share a layer; null takes as few as hold the model. */
  tensorParallel: number | null;
  pipelineParallel: number;
  dataParallel: number;
  maxModelLen: number;
  maxSequences: number;
  port: number;
  saes: readonly { name: string; path: string }[];
  adapters: readonly { name: string; path: string }[];
  /** The largest rank of the adapters. */
  loraRank: number;
}

export interface StartCommand {
  environment: Record<string, string>;
  argv: string[];
  /** GPUs that one server takes. */
  gpus: number;
  quantization: "none" | "fp8";
}

/** Share of a GPU's memory that vLLM takes, and what the weights leave of it to caches and activations. */
const MEMORY_SHARE = 0.9;
const ROOM = 1.25;
const FP8_FROM = 60;
const LORA_RANKS = [8, 16, 32, 64, 128, 256, 320, 512];

/** Throws CONFIG_INVALID for a rank that vLLM can't serve, and where the number of GPUs can't be told. */
export function startCommand(options: StartOptions): StartCommand {
  const { model, served, gpuMemory, pipelineParallel, dataParallel, adapters, saes } = options;
  const isCpu = gpuMemory === null;
  const quantization = isCpu
    ? "none"
    : (options.quantization ?? ((options.parameters ?? 0) >= FP8_FROM ? "fp8" : "none"));
  const tensorParallel =
    options.tensorParallel ?? (isCpu ? 1 : fewestGpus({ options, gpuMemory, quantization }));
  const optional: [boolean, string[]][] = [
    [quantization === "fp8", ["--quantization", "fp8"]],
    [!isCpu, ["--gpu-memory-utilization", MEMORY_SHARE.toFixed(2)]],
    [tensorParallel > 1, ["--tensor-parallel-size", String(tensorParallel)]],
    [pipelineParallel > 1, ["--pipeline-parallel-size", String(pipelineParallel)]],
    [dataParallel > 1, ["--data-parallel-size", String(dataParallel)]],
    [
      adapters.length > 0,
      [
        "--enable-lora",
        "--max-lora-rank",
        String(servedRank(options.loraRank)),
        "--max-loras",
        String(adapters.length),
        "--lora-modules",
        ...adapters.map(({ name, path }) => `${name}=${path}`),
      ],
    ],
  ];
  return {
    environment: {
      // vLLM adds the routes of a plug-in only where its operator names it
      VLLM_PLUGINS: "countersteer",
      ...(saes.length === 0
        ? {}
        : { COUNTERSTEER_SAES: saes.map(({ name, path }) => `${name}=${path}`).join(",") }),
      ...(isCpu ? { VLLM_CPU_KVCACHE_SPACE: "1" } : {}),
      // a server of ours tells nobody what it serves
      VLLM_NO_USAGE_STATS: "1",
    },
    argv: [
      ...["vllm", "serve", model, "--served-model-name", served],
      ...["--dtype", isCpu ? "float32" : "bfloat16"],
      // compiled graphs drop the hooks that steer
      "--enforce-eager",
      // sampling comes from each request; the model's own settings must not fill gaps
      ...["--generation-config", "vllm"],
      ...["--max-model-len", String(options.maxModelLen), "--max-num-seqs", String(options.maxSequences)],
      ...optional.flatMap(([holds, flags]) => (holds ? flags : [])),
      ...["--port", String(options.port)],
    ],
    gpus: isCpu ? 0 : tensorParallel * pipelineParallel * dataParallel,
    quantization,
  };
}

/** A power of two, for attention heads to be shared evenly. */
function fewestGpus({
  options: { parameters, pipelineParallel, model },
  gpuMemory,
  quantization,
}: {
  options: StartOptions;
  gpuMemory: number;
  quantization: "none" | "fp8";
}): number {
  if (parameters === null) {
    throw new CountersteerError("CONFIG_INVALID", {
      what: `How many GPUs ${model} needs is not known.`,
      why: "It is no model of the registry, so that its size is not known here.",
      todo: "Give --tensor-parallel.",
      facts: { model },
    });
  }
  const gigabytes = parameters * (quantization === "fp8" ? 1 : 2) * ROOM;
  const needed = gigabytes / (gpuMemory * MEMORY_SHARE * pipelineParallel);
  return 2 ** Math.max(0, Math.ceil(Math.log2(needed)));
}

function servedRank(rank: number): number {
  const fitting = LORA_RANKS.find((each) => each >= rank);
  if (fitting !== undefined) return fitting;
  throw new CountersteerError("CONFIG_INVALID", {
    what: `An adapter has rank ${rank}.`,
    why: `vLLM serves ranks up to ${LORA_RANKS.at(-1)}.`,
    todo: "Merge the adapter into the model, and serve that.",
    facts: { rank },
  });
}

/** As a shell takes it: one flag a line. */
export function shellText({ environment, argv }: Pick<StartCommand, "environment" | "argv">): string {
  const assigned = Object.entries(environment).map(([name, value]) => `${name}=${quoted(value)}`);
  const lines = argv.reduce<string[][]>((grouped, word, i) => {
    if (i === 0 || word.startsWith("--")) grouped.push([]);
    grouped.at(-1)?.push(quoted(word));
    return grouped;
  }, []);
  return [...assigned, ...lines.map((words) => words.join(" "))].join(" \\\n  ");
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
