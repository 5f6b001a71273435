/** `countersteer sae info`: what a dictionary is. Needs no model. */
import { statSync } from "node:fs";
import type { Command } from "commander";
import { type Spread, summariseWeights } from "../../sae/weight-summary.ts";
import type { CliContext } from "../context.ts";
import { cacheDirOption } from "../options.ts";
import { openSae } from "./open-sae.ts";

interface InfoFlags {
  cacheDir?: string;
}

export function register(parent: Command, context: CliContext): void {
  parent
    .command("info")
    .description(
      "Say what a dictionary is: its format, sizes, layer and hash, the norms of its directions and its thresholds.",
    )
    .argument("<sae>", "a folder or file, a shipped name, or hf:owner/repository/path")
    .addOption(cacheDirOption())
    .action((sae: string, flags: InfoFlags) => info({ sae, flags, context }));
}

async function info({
  sae,
  flags,
  context,
}: {
  sae: string;
  flags: InfoFlags;
  context: CliContext;
}): Promise<void> {
  const { terminal } = context;
  const dictionary = await openSae({ sae, flags, context });
  try {
    const { path, format, architecture, dtype, folded, dModel, latents, k, layer, hookName, modelName } =
      dictionary;
    const files = dictionary.files.map((file) => ({ path: file, bytes: statSync(file).size }));
    terminal.status("reading weights");
    const weights = summariseWeights({ dictionary });
    const applyBDecToInput = dictionary.applyBDecToInput;
    const facts = { format, architecture, dtype, folded, dModel, latents, k, applyBDecToInput };
    const place = { layer, hookName, modelName };
    const hash = dictionary.hash();
    const rows: [string, string][] = [
      ["SAE", path],
      ["format", folded ? `${format} (norms or scales folded into the weights)` : format],
      ["architecture", k === null ? architecture : `${architecture}, k ${k}`],
      ["d_model", String(dModel)],
      ["latents", String(latents)],
      ["weights", `${dtype}; the encoder reads ${applyBDecToInput ? "h - b_dec" : "h"}`],
      ["model", modelName ?? "not said"],
      ["layer", layer === null ? "not said" : `${layer}${hookName === null ? "" : ` (${hookName})`}`],
      ["decoder norms", `${spread(weights.decoderNorms)}, of ${weights.sampled} latents`],
      ...(weights.thresholds === null
        ? []
        : ([["thresholds", spread(weights.thresholds)]] satisfies [string, string][])),
      ["sha256", hash],
      ...files.map(({ path: file, bytes }): [string, string] => ["file", `${file} (${megabytes(bytes)})`]),
    ];
    terminal.result({
      data: { path, ...facts, ...place, ...weights, hash, files },
      text: () => rows.map(([name, value]) => `${name.padEnd(14)}${value}`).join("\n"),
    });
  } finally {
    dictionary.close();
  }
}

function spread({ min, median, max }: Spread): string {
  return `${min.toPrecision(4)} to ${max.toPrecision(4)}, median ${median.toPrecision(4)}`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(bytes < 1e5 ? 4 : 1)} MB`;
}
