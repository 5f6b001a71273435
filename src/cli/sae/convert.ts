/** `countersteer sae convert`: any dictionary in SAELens' format. Needs no model. */

import { existsSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { type Command, Option } from "commander";
import { CountersteerError } from "../../errors.ts";
import { labelsFile } from "../../sae/labels.ts";
import type { WriteDtype } from "../../sae/narrow.ts";
import { CONFIG, WEIGHTS } from "../../sae/saelens.ts";
import { writeSaelens } from "../../sae/write-saelens.ts";
import type { CliContext } from "../context.ts";
import { cacheDirOption } from "../options.ts";
import { openSae } from "./open-sae.ts";

interface ConvertFlags {
  dtype?: WriteDtype;
  cacheDir?: string;
}

const DTYPES: readonly WriteDtype[] = ["float32", "float16", "bfloat16"];

export function register(parent: Command, context: CliContext): void {
  parent
    .command("convert")
    .description(
      "Write a dictionary of any format that is read in SAELens' format. Latent values stay the same to the last bit unless --dtype asks\n" +
        "for a narrower type; then the rounding is measured and said.",
    )
    .argument("<sae>", "a folder or file, a shipped name, or hf:owner/repository/path")
    .argument("<folder>", "folder to write; it may not hold a dictionary yet")
    .addOption(
      new Option("--dtype <type>", "type of the weights (default: the narrowest that loses nothing)").choices(
        DTYPES,
      ),
    )
    .addOption(cacheDirOption())
    .action((sae: string, folder: string, flags: ConvertFlags) => convert({ sae, folder, flags, context }));
}

async function convert({
  sae,
  folder,
  flags,
  context,
}: {
  sae: string;
  folder: string;
  flags: ConvertFlags;
  context: CliContext;
}): Promise<void> {
  const { terminal, signal } = context;
  refuseExisting(folder);
  const dictionary = await openSae({ sae, flags, context });
  try {
    const hash = dictionary.hash();
    const written = await writeSaelens({
      dictionary,
      path: folder,
      dtype: flags.dtype,
      metadata: { converted_from: { format: dictionary.format, sha256: hash } },
      onProgress: (done, latents) => terminal.status(() => `${done} of ${latents} latents written`),
      signal,
    });
    const labels = labelsFile({ path: dictionary.path });
    if (labels !== null) await copyFile(labels, join(written.path, basename(labels)));
    const hasLabels = labels !== null;
    const { path, dtype, rounded, relativeError } = written;
    const { format, architecture, dModel, latents } = dictionary;
    terminal.result({
      data: {
        from: dictionary.path,
        format,
        architecture,
        dModel,
        latents,
        hash,
        labels: hasLabels,
        ...written,
      },
      text: () =>
        [
          `${path}`,
          `${latents} latents of ${dModel} numbers, ${architecture}, from ${format}, as ${dtype}${hasLabels ? ", with labels" : ""}`,
          rounded === 0
            ? "exact: every number is the same"
            : `${rounded} numbers were rounded; relative error ${relativeError.toExponential(1)}`,
        ].join("\n"),
    });
  } finally {
    dictionary.close();
  }
}

function refuseExisting(folder: string): void {
  const there = [CONFIG, WEIGHTS].find((name) => existsSync(join(folder, name)));
  if (there === undefined) return;
  throw new CountersteerError("CONFIG_INVALID", {
    what: `${folder} holds ${there} already.`,
    why: "A dictionary that is there is not written over.",
    todo: "Give another folder, or remove the file.",
    facts: { folder, file: there },
  });
}
