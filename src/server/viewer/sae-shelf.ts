/** The dictionaries that come with the package or that shown runs name, by their hash: the same one under several paths is one. */
import { existsSync } from "node:fs";
import path from "node:path";
import type { Dictionary } from "../../sae/dictionary.ts";
import { openDictionary, shippedDictionaries } from "../../sae/open-dictionary.ts";
import type { RunStore } from "../../store/run-store.ts";
import type { OpenRuns } from "./open-runs.ts";
import { notFound } from "./problem.ts";
import type { ShelvedRun } from "./run-shelf.ts";
import { VersionCache } from "./version-cache.ts";

/** What a run knows of the dictionary that it used. */
export interface RunSae {
  hash: string;
  path: string;
  layer: number | null;
  latents: number | null;
  held: HeldLatent[];
  /** Of trials that did nothing but to add a latent: what strength gave what dose. */
  doses: { latent: number; strength: number; dose: number }[];
}

export interface HeldLatent {
  latent: number;
  label: string | null;
  role: string;
  threshold: number | null;
}

export interface ShelvedSae {
  /** Names it in addresses. */
  id: string;
  hash: string;
  name: string;
  layer: number | null;
  /** null where only runs tell of it: its files are not here. */
  dictionary: Dictionary | null;
  /** Runs that used it, in the order of the list of runs. */
  runs: { run: ShelvedRun; sae: RunSae }[];
}

export interface SaeShelfOptions {
  /** The runs that are shown. */
  runs: () => readonly ShelvedRun[];
  opened: OpenRuns;
  /** Name and folder of those that come with the package. @default those of this package */
  shipped?: () => ReadonlyMap<string, string>;
}

/** Trials from which the dose is read. */
const MOST_DOSES = 32;

export class SaeShelf {
  readonly #o: SaeShelfOptions;
  readonly #runSaes = new VersionCache<RunSae | null>({ most: 2000 });
  readonly #opened = new Map<string, Dictionary | null>();
  #shipped: ShelvedSae[] | null = null;

  constructor(options: SaeShelfOptions) {
    this.#o = options;
  }

  /** Those of the package first. Runs that can't be read name none. */
  list(): ShelvedSae[] {
    const found = new Map(this.#ownSaes().map((sae) => [sae.id, { ...sae, runs: [...sae.runs] }]));
    for (const run of this.#o.runs()) {
      const sae = this.#saeOf(run);
      if (sae === null) continue;
      const id = idOf(sae.hash);
      const shelved = found.get(id) ?? this.#fromRun(sae);
      found.set(id, shelved);
      shelved.runs.push({ run, sae });
    }
    return [...found.values()];
  }

  /** Throws NOT_FOUND. */
  sae(id: string): ShelvedSae {
    const sae = this.list().find((each) => each.id === id);
    if (sae === undefined) {
      throw notFound({
        what: "There is no such dictionary here.",
        todo: "Go back to the list of dictionaries.",
      });
    }
    return sae;
  }

  /** The id of the dictionary in a path; null where it is not among them. */
  idAt(place: string): string | null {
    return this.list().find(({ dictionary }) => dictionary?.path === path.resolve(place))?.id ?? null;
  }

  close(): void {
    for (const { dictionary } of this.#ownSaes()) dictionary?.close();
    for (const dictionary of this.#opened.values()) dictionary?.close();
    this.#opened.clear();
    this.#shipped = null;
  }

  #ownSaes(): ShelvedSae[] {
    this.#shipped ??= Array.from((this.#o.shipped ?? shippedDictionaries)(), ([name, folder]) => {
      const dictionary = openDictionary({ path: folder });
      const hash = dictionary.hash();
      return { id: idOf(hash), hash, name, layer: dictionary.layer, dictionary, runs: [] };
    });
    return this.#shipped;
  }

  #fromRun({ hash, path: file, layer, latents }: RunSae): ShelvedSae {
    const kept = this.#opened.get(hash);
    const dictionary = kept === undefined ? openIfHere({ file, latents }) : kept;
    this.#opened.set(hash, dictionary);
    return { id: idOf(hash), hash, name: path.basename(file) || "unnamed", layer, dictionary, runs: [] };
  }

  #saeOf(run: ShelvedRun): RunSae | null {
    try {
      return this.#runSaes.get({ run, what: "", make: () => this.#o.opened.read(run, runSae) });
    } catch {
      // the list of runs says what is wrong with it
      return null;
    }
  }
}

function idOf(hash: string): string {
  return hash.slice(0, 16);
}

function runSae(store: RunStore): RunSae | null {
  const { sae } = store.manifest();
  if (sae === null) return null;
  const { hash, path: file, layer, latents } = sae;
  const held = store.latents().map(({ latent, label, role }) => ({
    latent,
    label,
    role,
    threshold: store.threshold(latent)?.strength ?? null,
  }));
  return { hash, path: file, layer, latents, held, doses: dosesOf(store) };
}

function dosesOf(store: RunStore): RunSae["doses"] {
  const plain = store.arms().find(({ content }) => content.steer === "sae-latent" && !("ablate" in content));
  const doses: RunSae["doses"] = [];
  for (const { latent, strength, receipt } of plain === undefined ? [] : store.trials({ arm: plain.name })) {
    if (latent !== null && receipt !== null && strength !== 0) {
      doses.push({ latent, strength, dose: receipt.meanDose });
    }
    if (doses.length === MOST_DOSES) break;
  }
  return doses;
}

/** A path that a run names is one of the machine that made it: null where nothing fitting is there. */
function openIfHere({ file, latents }: { file: string; latents: number | null }): Dictionary | null {
  if (!path.isAbsolute(file) || !existsSync(file)) return null;
  try {
    const dictionary = openDictionary({ path: file });
    if (latents === null || dictionary.latents === latents) return dictionary;
    dictionary.close();
    return null;
  } catch {
    return null;
  }
}
