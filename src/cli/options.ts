/** Options that several commands share. All are optional, so that a command can tell what the user said from what is the default. */
import { type Command, Option } from "commander";
import type { WeightMode } from "../engine/engine.ts";
import { CountersteerError } from "../errors.ts";
import { wholeNumber } from "./numbers.ts";

export interface MachineFlags {
  workers?: number;
  threads?: number;
  slots?: number;
  context?: number;
  cacheDir?: string;
}

export interface ModelFlags {
  model?: string;
  weights?: WeightMode;
}

export interface SaeFlags {
  sae?: string;
  layer?: number;
  allowLayerMismatch?: boolean;
}

export interface AdapterFlags {
  adapter?: string;
}

export interface ServerFlags {
  engine?: EngineKind;
  url?: string[];
  inFlight?: number;
  saeRoot?: string;
}

export type EngineFlags = MachineFlags & ModelFlags & SaeFlags & AdapterFlags & ServerFlags;

export type EngineKind = "llama" | "vllm";
const ENGINE_KINDS: readonly EngineKind[] = ["llama", "vllm"];

const WEIGHT_MODES: readonly WeightMode[] = ["exact", "as-is", "fast"];

/** `--workers --threads --slots --context --cache-dir` */
export function addMachineOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--workers <n>", "engine processes (default: one a core for small models)").argParser(
        wholeNumber({ flag: "--workers", min: 1, max: 256 }),
      ),
    )
    .addOption(
      new Option("--threads <n>", "threads of each process (default: cores / workers)").argParser(
        wholeNumber({ flag: "--threads", min: 1, max: 1024 }),
      ),
    )
    .addOption(
      new Option("--slots <n>", "answers that are written together in each process").argParser(
        wholeNumber({ flag: "--slots", min: 1, max: 254 }),
      ),
    )
    .addOption(
      new Option("--context <tokens>", "longest prompt and answer together").argParser(
        wholeNumber({ flag: "--context", min: 16 }),
      ),
    )
    .addOption(cacheDirOption());
}

/** `--cache-dir` alone, for commands that open no engine. */
export function cacheDirOption(): Option {
  return new Option("--cache-dir <folder>", "where weights and measurements are kept").env(
    "COUNTERSTEER_CACHE",
  );
}

/** `--model --weights` */
export function addModelOptions(command: Command): Command {
  return command
    .option("--model <name or file>", "a known model, or a GGUF file (default: smollm2-135m)")
    .addOption(
      new Option(
        "--weights <mode>",
        "exact (as PyTorch, float32), as-is (as the file), fast (what `doctor` found fastest) (default: as-is)",
      ).argParser(weightMode),
    );
}

/** `--sae --layer --allow-layer-mismatch` */
export function addSaeOptions(command: Command): Command {
  return command
    .option(
      "--sae <name or folder>",
      "a shipped SAE, or a folder in SAELens' format (default: the model's own)",
    )
    .addOption(
      new Option("--layer <n>", "block whose output is read or edited (default: the SAE's)").argParser(
        wholeNumber({ flag: "--layer", min: 0 }),
      ),
    )
    .option("--allow-layer-mismatch", "allow a layer that the SAE was not trained on");
}

/** `--engine --url --in-flight --sae-root` */
export function addServerOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        "--engine <kind>",
        "llama (in this process), or vllm (servers at --url) (default: llama, with --url vllm)",
      ).choices(ENGINE_KINDS),
    )
    .addOption(
      new Option("--url <address>", "a vLLM server with countersteer-vllm (repeatable)").argParser(
        (url: string, before: string[] | undefined) => [...(before ?? []), url],
      ),
    )
    .addOption(
      new Option("--in-flight <n>", "requests under way at each server").argParser(
        wholeNumber({ flag: "--in-flight", min: 1, max: 65_536 }),
      ),
    )
    .option("--sae-root <folder>", "folder here that the servers know as COUNTERSTEER_SAE_ROOT");
}

/** `--adapter` */
export function addAdapterOption(command: Command): Command {
  return command.option(
    "--adapter <file or folder>",
    "use the model with a LoRA adapter: a GGUF file, a folder that PEFT wrote, or a shipped name",
  );
}

/** `--seed` */
export function addSeedOption(command: Command): Command {
  return command.addOption(
    new Option("--seed <n>", "seed of everything random").argParser(wholeNumber({ flag: "--seed", min: 0 })),
  );
}

function weightMode(text: string): WeightMode {
  const mode = WEIGHT_MODES.find((each) => each === text);
  if (mode === undefined) {
    throw new CountersteerError("CONFIG_INVALID", {
      what: `--weights can't be "${text}".`,
      why: `It takes ${WEIGHT_MODES.join(", ")}.`,
      todo: "Correct --weights.",
      facts: { option: "--weights", value: text },
    });
  }
  return mode;
}
