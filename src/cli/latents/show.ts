/** `countersteer latents show`: everything that is known about one latent. Needs no model, but for the tokens that it promotes where they are not stored. */
import { type Command, Option } from "commander";
import { rateConcreteness } from "../../latents/concreteness.ts";
import { type LatentContexts, readContexts } from "../../latents/contexts-file.ts";
import { readLexicon } from "../../latents/lexicon.ts";
import { neighboursOf } from "../../latents/neighbours.ts";
import { DEFAULT_MODEL, findModel } from "../../model/registry.ts";
import { checkLatent } from "../../sae/dictionary.ts";
import { folderOf } from "../../sae/labels.ts";
import { openDictionary } from "../../sae/open-dictionary.ts";
import type { CliContext } from "../context.ts";
import { labelsIfAny } from "../labels-beside.ts";
import { wholeNumber } from "../numbers.ts";
import { saeOf } from "../sae-of.ts";
import { latentText } from "./latent-text.ts";

interface ShowFlags {
  model?: string;
  sae?: string;
  contexts: number;
  neighbours: number;
}

export function register(parent: Command, context: CliContext): void {
  parent
    .command("show")
    .description(
      "Show a latent: its label, the texts in which it fires, the tokens it promotes, its neighbours.",
    )
    .argument("<latent>", "index", wholeNumber({ flag: "<latent>", min: 0 }))
    .option("--model <name>", "take this model's SAE (default: smollm2-135m)")
    .option("--sae <name or folder>", "a shipped SAE, or a folder or file of a known format")
    .addOption(count("--contexts <n>", "texts to show, of the strongest and of the sample each", 6))
    .addOption(count("--neighbours <n>", "latents of the nearest decoder directions", 6))
    .action((latent: number, flags: ShowFlags) => show({ latent, flags, context }));
}

function count(flags: string, description: string, value: number): Option {
  const flag = flags.split(" ")[0] ?? flags;
  return new Option(flags, description).argParser(wholeNumber({ flag, min: 0 })).default(value);
}

async function show({
  latent,
  flags,
  context,
}: {
  latent: number;
  flags: ShowFlags;
  context: CliContext;
}): Promise<void> {
  const { terminal } = context;
  const dictionary = openDictionary({
    path: saeOf({ flags, known: findModel(flags.model ?? DEFAULT_MODEL) }),
  });
  try {
    checkLatent({ facts: dictionary, latent });
    const labels = labelsIfAny({ dictionary });
    const label = labels?.find(({ index }) => index === latent) ?? null;
    const contexts = await contextsBeside({ path: dictionary.path, latent });
    const neighbours = neighboursOf({ dictionary, latent, count: flags.neighbours }).map((neighbour) => ({
      ...neighbour,
      label: labels?.find(({ index }) => index === neighbour.latent)?.label ?? null,
    }));
    const concreteness = label === null ? null : rateConcreteness({ label, lexicon: readLexicon() });
    const shown: LatentContexts | null = contexts && {
      ...contexts,
      top: contexts.top.slice(0, flags.contexts),
      sample: contexts.sample.slice(0, flags.contexts),
    };
    terminal.result({
      data: { sae: dictionary.path, latent, label, concreteness, contexts: shown, neighbours },
      text: () => latentText({ latent, label, concreteness, contexts: shown, neighbours, terminal }),
    });
  } finally {
    dictionary.close();
  }
}

async function contextsBeside({
  path,
  latent,
}: {
  path: string;
  latent: number;
}): Promise<LatentContexts | null> {
  return await readContexts({ folder: folderOf({ path }), latent });
}
