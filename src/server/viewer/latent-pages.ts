/** Latents of a dictionary as a table and one by one: labels, density, detectors, the texts in which they fire, and the runs that hold them. */
import { fileURLToPath } from "node:url";
import { MIN_CONCRETENESS, rateConcreteness } from "../../latents/concreteness.ts";
import { readContexts } from "../../latents/contexts-file.ts";
import { readDetectors } from "../../latents/detectors/detector-file.ts";
import { type Lexicon, readLexicon } from "../../latents/lexicon.ts";
import { folderOf, type Label, labelsFile, readLabels } from "../../sae/labels.ts";
import type { LatentDetail, LatentPage, LatentRow, latentQuerySchema, SaeList } from "./api/latents.ts";
import { notFound } from "./problem.ts";
import type { SaeShelf, ShelvedSae } from "./sae-shelf.ts";

export type LatentQuery = ReturnType<typeof latentQuerySchema.parse>;

export interface LatentPagesOptions {
  shelf: SaeShelf;
  /** Files of detectors; each says which dictionary it is of. @default the one that comes with the package */
  detectorFiles?: readonly string[];
}

/** Texts of a latent that are shown. */
const MOST_CONTEXTS = 20;

export class LatentPages {
  readonly #shelf: SaeShelf;
  readonly #detectorFiles: readonly string[];
  /** By the dictionary's hash. */
  readonly #labels = new Map<string, ReadonlyMap<number, Label>>();
  #lexicon: Lexicon | null = null;

  constructor({ shelf, detectorFiles = [ownDetectors()] }: LatentPagesOptions) {
    this.#shelf = shelf;
    this.#detectorFiles = detectorFiles;
  }

  list(): SaeList {
    return {
      saes: this.#shelf.list().map((sae) => ({
        id: sae.id,
        name: sae.name,
        layer: sae.layer,
        latents: countOf(sae),
        labelled: new Set([...this.#labelsOf(sae).keys(), ...labelsOfRuns(sae).keys()]).size,
      })),
    };
  }

  async page(id: string, query: LatentQuery): Promise<LatentPage> {
    const { search, kind, sort, direction, offset, limit } = query;
    const words = search.toLowerCase().split(/\s+/).filter(Boolean);
    const rows = (await this.#rows(this.#shelf.sae(id))).filter(
      (row) =>
        words.every(
          (word) => row.label?.toLowerCase().includes(word) === true || String(row.latent) === word,
        ) &&
        (kind === "all" || (kind === "detectors" ? row.detectorAuc !== null : row.concrete === true)),
    );
    const sign = direction === "up" ? 1 : -1;
    rows.sort((a, b) => compared(a[sort], b[sort], sign) || a.latent - b.latent);
    return { total: rows.length, offset, rows: rows.slice(offset, offset + limit) };
  }

  /** Throws NOT_FOUND. */
  async detail(id: string, latent: number): Promise<LatentDetail> {
    const sae = this.#shelf.sae(id);
    const row = (await this.#rows(sae)).find((each) => each.latent === latent);
    if (row === undefined) {
      throw notFound({
        what: `${sae.name} has no latent ${latent}.`,
        todo: `Choose one of 0 to ${countOf(sae) - 1}.`,
      });
    }
    const { dictionary } = sae;
    const decoderNorm = dictionary === null ? null : lengthOf(dictionary.direction(latent));
    const perLength = doseOfLengthOne(sae);
    const contexts =
      dictionary === null
        ? null
        : await readContexts({ folder: folderOf({ path: dictionary.path }), latent });
    return {
      ...row,
      decoderNorm,
      dosePerStrength: decoderNorm === null || perLength === null ? null : decoderNorm * perLength,
      contexts: (contexts?.top ?? []).slice(0, MOST_CONTEXTS).map(({ tokens, activations }) => ({
        tokens,
        values: [...activations],
      })),
      runs: sae.runs.flatMap(({ run, sae: { held } }) =>
        held
          .filter((each) => each.latent === latent)
          .map(({ role, threshold }) => ({ run: run.id, name: run.name, role, threshold })),
      ),
    };
  }

  /** Labels of the dictionary with this hash; null for a latent that has none. */
  labelOf(hash: string | null): (latent: number) => string | null {
    const sae = hash === null ? undefined : this.#shelf.list().find((each) => each.hash === hash);
    if (sae === undefined) return () => null;
    const labels = this.#labelsOf(sae);
    return (latent) => labels.get(latent)?.label ?? null;
  }

  async #rows(sae: ShelvedSae): Promise<LatentRow[]> {
    const labels = this.#labelsOf(sae);
    const ofRuns = labelsOfRuns(sae);
    const aucs = await this.#detectors(sae);
    return Array.from({ length: countOf(sae) }, (_, latent) => {
      const label = labels.get(latent);
      return {
        latent,
        label: label?.label ?? ofRuns.get(latent) ?? null,
        density: label?.frequency ?? null,
        detectorAuc: aucs.get(latent) ?? null,
        concrete: label === undefined ? null : this.#concreteness(label) >= MIN_CONCRETENESS,
      };
    });
  }

  #concreteness(label: Label): number {
    if (label.concreteness !== null) return label.concreteness;
    this.#lexicon ??= readLexicon();
    return rateConcreteness({ label, lexicon: this.#lexicon }).rating;
  }

  /** AUC of each detector, on the prompts that confirmed it where there were such. */
  async #detectors({ hash }: ShelvedSae): Promise<Map<number, number>> {
    const aucs = new Map<number, number>();
    for (const path of this.#detectorFiles) {
      const file = await readDetectors({ path });
      if (file.origin !== "found" || file.provenance.sae.hash !== hash) continue;
      for (const { latent, confirmation, selection } of file.detectors) {
        aucs.set(latent, (confirmation ?? selection).auc);
      }
    }
    return aucs;
  }

  #labelsOf({ hash, dictionary }: ShelvedSae): ReadonlyMap<number, Label> {
    const kept = this.#labels.get(hash);
    if (kept !== undefined) return kept;
    const file = dictionary === null ? null : labelsFile({ path: dictionary.path });
    const read = file === null ? [] : readLabels({ path: file, latents: dictionary?.latents ?? 0 });
    const labels = new Map(read.map((label) => [label.index, label]));
    this.#labels.set(hash, labels);
    return labels;
  }
}

/** The detectors that come with the package. */
export function ownDetectors(): string {
  return fileURLToPath(new URL("../../../docs/results/detectors.json", import.meta.url));
}

function countOf({ dictionary, runs }: ShelvedSae): number {
  const told = runs.map(
    ({ sae }) => sae.latents ?? Math.max(-1, ...sae.held.map(({ latent }) => latent)) + 1,
  );
  return dictionary?.latents ?? Math.max(0, ...told);
}

function labelsOfRuns({ runs }: ShelvedSae): Map<number, string> {
  return new Map(
    runs.flatMap(({ sae }) =>
      sae.held.flatMap(({ latent, label }): [number, string][] => (label === null ? [] : [[latent, label]])),
    ),
  );
}

/** Mean over trials of `dose / (|strength| ||d||)`: the dose of a direction of length 1 at strength 1; null where no run tells. */
function doseOfLengthOne({ dictionary, runs }: ShelvedSae): number | null {
  if (dictionary === null) return null;
  const values = runs.flatMap(({ sae }) =>
    sae.doses
      .filter(({ latent }) => latent < dictionary.latents)
      .map(
        ({ latent, strength, dose }) => dose / (Math.abs(strength) * lengthOf(dictionary.direction(latent))),
      ),
  );
  const finite = values.filter(Number.isFinite);
  return finite.length === 0 ? null : finite.reduce((sum, value) => sum + value, 0) / finite.length;
}

function lengthOf(vector: Float32Array): number {
  return Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
}

/** What is not known comes last in either direction. */
function compared(a: string | number | null, b: string | number | null, sign: number): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  const order =
    typeof a === "string" && typeof b === "string" ? a.localeCompare(b, "en") : Number(a) - Number(b);
  return sign * order;
}
