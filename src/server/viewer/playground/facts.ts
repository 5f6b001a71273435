/** What can be chosen in the playground, as far as it is known without opening the model. */
import path from "node:path";
import { CountersteerError } from "../../../errors.ts";
import type { RunConfig } from "../../../experiment/config.ts";
import { META_PROMPTS } from "../../../experiment/designs/meta-prompt.ts";
import { readDetectors } from "../../../latents/detectors/detector-file.ts";
import { findCached } from "../../../model/cached-model.ts";
import { readGgufInfo } from "../../../model/gguf-info.ts";
import { findModel, type KnownModel } from "../../../model/registry.ts";
import type { DictionaryFacts } from "../../../sae/dictionary.ts";
import { labelsFile, readLabels } from "../../../sae/labels.ts";
import { openDictionary } from "../../../sae/open-dictionary.ts";
import { resolveSae } from "../../../sae/resolve-sae.ts";
import type { Playground } from "../api/playground.ts";
import { ownDetectors } from "../latent-pages.ts";
import { adapterHash } from "./adapter-hash.ts";
import { offeredAdapters } from "./offered-adapters.ts";
import { playgroundConfig } from "./open-session.ts";
import { CONTEXT, type PlaygroundOptions } from "./options.ts";

export interface PlaygroundFacts {
  shown: Playground;
  /** null where the SAE still has to be fetched. */
  dictionary: Pick<DictionaryFacts, "path" | "latents"> | null;
  /** Files by the names that a request may give. */
  adapters: ReadonlyMap<string, string>;
  /** Summed in the chart: those that fire more off topic. */
  detectors: number[];
}

/** Throws what reading the settings, the SAE and the detectors throws. */
export async function playgroundFacts(options: PlaygroundOptions): Promise<PlaygroundFacts> {
  const { machine, adapters = offeredAdapters(), saeId = path.basename } = options;
  const config = playgroundConfig(options);
  const known = findModel(config.model);
  const sae = await localSae({ config, known, cacheDir: machine.cacheDir });
  const layer =
    config.layer ?? (config.sae === null ? known?.defaults.layer : undefined) ?? sae?.facts.layer ?? 0;
  const detectors = sae === null ? [] : await detectorsOf({ given: options.detectors, sae });
  const modelFile = await localModel({ config, known, cacheDir: machine.cacheDir });
  const labels = new Map(sae?.labels.map(({ index, label }) => [index, label]));
  return {
    dictionary: sae?.facts ?? null,
    adapters,
    detectors,
    shown: {
      model: {
        name: known?.name ?? path.basename(config.model).replace(/\.gguf$/i, ""),
        layers: modelFile === null ? null : (await readGgufInfo({ path: modelFile })).layers,
        contextLength: machine.contextPerSlot ?? CONTEXT,
      },
      strengths: strengthsOf({ config, known }),
      sae: sae && {
        id: saeId(sae.facts.path),
        name: path.basename(sae.facts.path),
        layer,
        latents: sae.facts.latents,
      },
      adapters: await Promise.all(
        [...adapters].map(async ([name, path]) => ({
          name,
          hash: await adapterHash({ path, model: modelFile, cacheDir: machine.cacheDir }),
        })),
      ),
      metaPrompts: Object.entries(META_PROMPTS).map(([name, text]) => ({ name, text })),
      detectors: detectors.map((latent) => ({ latent, label: labels.get(latent) ?? null })),
    },
  };
}

interface Place {
  config: RunConfig;
  known: KnownModel | null;
  cacheDir: string;
}

/** null where it lies on the hub: a page that is only looked at fetches nothing. Throws CONFIG_INVALID where the model has none. */
async function localSae({ config, known, cacheDir }: Place) {
  const sae = config.sae ?? known?.defaults.sae;
  if (sae === undefined) return null;
  const place = sae.startsWith("hf:") ? await cachedSae({ sae, cacheDir }) : sae;
  if (place === null) return null;
  const dictionary = openDictionary({ path: place });
  try {
    const file = labelsFile({ path: dictionary.path });
    return {
      facts: { path: dictionary.path, layer: dictionary.layer, latents: dictionary.latents },
      hash: dictionary.hash(),
      labels: file === null ? [] : readLabels({ path: file }),
    };
  } finally {
    dictionary.close();
  }
}

async function cachedSae({ sae, cacheDir }: { sae: string; cacheDir: string }): Promise<string | null> {
  try {
    return await resolveSae({ sae, cacheDir, signal: AbortSignal.abort() });
  } catch {
    return null;
  }
}

/** null where the weights still have to be fetched. */
async function localModel({ config, known, cacheDir }: Place): Promise<string | null> {
  return known === null ? config.model : ((await findCached({ model: known, cacheDir }))?.path ?? null);
}

function strengthsOf({ config, known }: Omit<Place, "cacheDir">): Playground["strengths"] {
  const range = config.threshold.range ?? known?.defaults.strengthRange ?? null;
  if (range === null) return null;
  const [least, most] = range;
  return { least, most, usual: config.threshold.priorMean ?? known?.defaults.priorMean ?? null };
}

/** A file of another dictionary is refused where it was given; the package's own is then left out. Throws SAE_MISMATCH, CONFIG_INVALID. */
async function detectorsOf({
  given = ownDetectors(),
  sae: { hash, facts },
}: {
  given: PlaygroundOptions["detectors"];
  sae: { hash: string; facts: Pick<DictionaryFacts, "path"> };
}): Promise<number[]> {
  if (given === null) return [];
  const file = await readDetectors({ path: given });
  if (file.origin === "found" && file.provenance.sae.hash !== hash) {
    if (given === ownDetectors()) return [];
    throw new CountersteerError("SAE_MISMATCH", {
      what: `The detectors in ${given} are latents of another SAE.`,
      why: `They were found with ${file.provenance.sae.path}, and the playground uses ${facts.path}.`,
      todo: "Give detectors of this SAE with --detectors, or the SAE with --sae.",
      facts: { detectors: file.provenance.sae.hash, sae: hash },
    });
  }
  return file.detectors.flatMap(({ latent, sign }) => (sign === 1 ? [latent] : []));
}
