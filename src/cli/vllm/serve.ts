/** `countersteer vllm serve --print`: the exact command that starts a server. It is printed and not run: the GPUs are elsewhere. */
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { type Command, Option } from "commander";
import { z } from "zod";
import { type StartCommand, shellText, startCommand } from "../../engine/vllm/start-command.ts";
import { CountersteerError } from "../../errors.ts";
import { billionsOf } from "../../model/model-size.ts";
import { originalName } from "../../model/original-name.ts";
import { DEFAULT_MODEL, findModel } from "../../model/registry.ts";
import { shippedDictionaries } from "../../sae/open-dictionary.ts";
import { parseHubName } from "../../sae/resolve-sae.ts";
import type { CliContext } from "../context.ts";
import { wholeNumber } from "../numbers.ts";

interface ServeFlags {
  print?: boolean;
  sae?: string;
  adapter: string[];
  quantization?: "none" | "fp8";
  gpuMemory: number;
  cpu?: boolean;
  tensorParallel?: number;
  pipelineParallel: number;
  dataParallel: number;
  context: number;
  sequences: number;
  port: number;
}

export function register(parent: Command, context: CliContext): void {
  const number = (flag: string, name: string, text: string) =>
    new Option(`${flag} <${name}>`, text).argParser(wholeNumber({ flag, min: 1 }));
  parent
    .command("serve")
    .description(
      "Write the command that starts a vLLM server for a model of the registry, or for a folder in Hugging Face's format:\n" +
        "parallelism and fp8 by the model's size, eager mode, its SAE for the plug-in, adapters as LoRA modules.",
    )
    .argument("[model]", "a known model, or what transformers loads (default: smollm2-135m)")
    .option("--print", "print it; starting it is up to you, where the GPUs are")
    .option("--sae <name or path>", "the SAE, as the server will find it (default: the model's own)")
    .addOption(
      new Option("--adapter <name=folder>", "a LoRA adapter that PEFT wrote (repeatable)")
        .argParser((text: string, before: string[]) => [...before, text])
        .default([], "none"),
    )
    .addOption(
      new Option("--quantization <kind>", "of the weights (default: fp8 from 60B on)").choices([
        "none",
        "fp8",
      ]),
    )
    .addOption(number("--gpu-memory", "GB", "memory of one GPU").default(80))
    .option("--cpu", "for vLLM's CPU build: float32, no GPUs")
    .addOption(
      number("--tensor-parallel", "n", "GPUs that share each layer (default: as few as hold the model)"),
    )
    .addOption(number("--pipeline-parallel", "n", "groups of layers, each on GPUs of its own").default(1))
    .addOption(number("--data-parallel", "n", "copies of the model behind one address").default(1))
    .addOption(number("--context", "tokens", "longest prompt and answer together").default(4096))
    .addOption(number("--sequences", "n", "answers that are written at once").default(256))
    .addOption(number("--port", "n", "port to listen on").default(8000))
    .action((model: string | undefined, flags: ServeFlags) => serve({ model, flags, context }));
}

async function serve({
  model = DEFAULT_MODEL,
  flags,
  context: { terminal },
}: {
  model: string | undefined;
  flags: ServeFlags;
  context: CliContext;
}): Promise<void> {
  if (flags.print !== true) {
    throw new CountersteerError("CONFIG_INVALID", {
      what: "Countersteer starts no vLLM server.",
      why: "It belongs where the GPUs are, in an environment of its own.",
      todo: "Give --print, and run what is printed there.",
    });
  }
  const known = findModel(model);
  const repository = originalName(known) ?? model;
  const sae = saeOf(flags.sae ?? known?.defaults.sae ?? null);
  const adapters = flags.adapter.map(namedFolder);
  const command = startCommand({
    model: repository,
    served: known?.name ?? basename(model),
    parameters: billionsOf(known),
    quantization: flags.quantization ?? null,
    gpuMemory: flags.cpu === true ? null : flags.gpuMemory,
    tensorParallel: flags.tensorParallel ?? null,
    pipelineParallel: flags.pipelineParallel,
    dataParallel: flags.dataParallel,
    maxModelLen: flags.context,
    maxSequences: flags.sequences,
    port: flags.port,
    saes: sae === null ? [] : [sae],
    adapters,
    loraRank: Math.max(0, ...(await Promise.all(adapters.map(({ path }) => rankOf(path))))),
  });
  const before = sae?.download ?? [];
  terminal.result({
    data: { model: repository, before, ...command },
    text: () => [...before, shellText(command), ...notes(command)].join("\n"),
  });
}

interface Sae {
  name: string;
  path: string;
  /** Commands that bring it there. */
  download: string[];
}

/** Where a server will find an SAE: here where it is shipped, else where its download puts it. */
function saeOf(sae: string | null): Sae | null {
  if (sae === null) return null;
  if (!sae.startsWith("hf:")) {
    const path = shippedDictionaries().get(sae) ?? sae;
    return { name: basename(sae), path, download: [] };
  }
  const { repo, revision, path } = parseHubName(sae);
  const folder = `saes/${repo}`;
  const isFile = /\.(?:safetensors|npz|pth?)$/.test(path);
  const files = path === "" ? "" : isFile ? ` ${path}` : ` --include '${path}/*'`;
  const name =
    path === "" ? basename(repo) : path.replace(/\.(?:safetensors|npz|pth?)$/, "").replaceAll("/", "-");
  return {
    name,
    path: path === "" ? folder : `${folder}/${path}`,
    download: [`hf download ${repo}${files} --revision ${revision} --local-dir ${folder}`],
  };
}

function namedFolder(text: string): { name: string; path: string } {
  const [, name, path] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  if (name !== undefined && path !== undefined) return { name, path };
  throw new CountersteerError("CONFIG_INVALID", {
    what: `--adapter can't be "${text}".`,
    why: "It takes the name to serve it under and the folder that PEFT wrote.",
    todo: "For example: --adapter resist=adapters/resist",
    facts: { option: "--adapter", value: text },
  });
}

const rankSchema = z.object({ r: z.int().positive() });
/** Where the folder is not here. */
const USUAL_RANK = 64;

async function rankOf(folder: string): Promise<number> {
  try {
    const json: unknown = JSON.parse(await readFile(join(folder, "adapter_config.json"), "utf8"));
    return rankSchema.parse(json).r;
  } catch {
    return USUAL_RANK;
  }
}

function notes({ gpus, quantization }: StartCommand): string[] {
  const size = gpus === 0 ? "the CPU" : gpus === 1 ? "one GPU" : `${gpus} GPUs`;
  return [
    "",
    `# for ${size}${quantization === "fp8" ? ", weights in fp8" : ""}; VLLM_API_KEY in the server's environment makes it want a key`,
    "# in an environment with: pip install countersteer-vllm (docs/vllm.md)",
  ];
}
