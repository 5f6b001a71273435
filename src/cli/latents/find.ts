/** `countersteer latents find`: a dictionary's latents by what they stand for. Needs no model. */
import Table from "cli-table3";
import { type Command, Option } from "commander";
import { CountersteerError } from "../../errors.ts";
import { DEFAULT_MODEL, findModel } from "../../model/registry.ts";
import { openDictionary } from "../../sae/open-dictionary.ts";
import type { CliContext } from "../context.ts";
import { findLabels } from "../find-labels.ts";
import { labelsBeside } from "../labels-beside.ts";
import { wholeNumber } from "../numbers.ts";
import { saeOf } from "../sae-of.ts";

interface FindFlags {
  model?: string;
  sae?: string;
  limit: number;
}

export function register(parent: Command, context: CliContext): void {
  parent
    .command("find", { isDefault: true })
    .description("Find latents of an SAE by their labels and the words they fire on.")
    .argument("[query...]", "words that must all be found; without them, all latents, most frequent first")
    .option("--model <name>", "take this model's SAE (default: smollm2-135m)")
    .option("--sae <name or folder>", "a shipped SAE, or a folder or file of a known format")
    .addOption(
      new Option("--limit <n>", "show at most so many")
        .argParser(wholeNumber({ flag: "--limit", min: 1 }))
        .default(20),
    )
    .action((query: string[], flags: FindFlags) => find({ query: query.join(" "), flags, context }));
}

function find({ query, flags, context }: { query: string; flags: FindFlags; context: CliContext }): void {
  const { terminal } = context;
  const dictionary = openDictionary({
    path: saeOf({ flags, known: findModel(flags.model ?? DEFAULT_MODEL) }),
  });
  try {
    const labels = labelsBeside({ dictionary });
    const found = findLabels({ labels, query });
    if (found.length === 0) {
      throw new CountersteerError("LATENT_UNKNOWN", {
        what: `No latent of ${dictionary.path} matches "${query}".`,
        why: `None of its ${labels.length} labels, or of the words on which they fire, has these words.`,
        todo: "Try a shorter word, or one that stands for the same thing.",
        facts: { query, latents: labels.length },
      });
    }
    const shown = found.slice(0, flags.limit);
    terminal.result({
      data: { sae: dictionary.path, query, matches: found.length, latents: shown },
      text: () => {
        const table = new Table({
          head: ["latent", "label", "fires on", "max"],
          colAligns: ["right", "left", "right", "right"],
          style: { head: [], border: [], compact: true },
        });
        for (const { index, label, frequency, maxActivation } of shown) {
          table.push([index, label, `${(100 * frequency).toFixed(2)} %`, maxActivation.toFixed(1)]);
        }
        const first = shown[0]?.index;
        return `${table.toString()}\n${shown.length} of ${found.length} latents. Look at one: countersteer latents show ${first}\nSteer with one: countersteer steer "..." --latent ${first}`;
      },
    });
  } finally {
    dictionary.close();
  }
}
