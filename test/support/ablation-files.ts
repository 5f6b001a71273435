/** Hand-made files of detectors and of controls. */
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { type ControlFile, writeControls } from "../../src/latents/controls/control-file.ts";
import { DETECTORS_SCHEMA, type ReferenceDetectors } from "../../src/latents/detectors/detector-file.ts";

export interface WriteAblationFilesOptions {
  folder: string;
  detectors: readonly number[];
  /** A set is the control of each detector. */
  sets: readonly Readonly<Record<number, number>>[];
}

/** Detectors that some set lacks are not `matchedInAll`. Returns the files' paths. */
export async function writeAblationFiles({
  folder,
  detectors,
  sets,
}: WriteAblationFilesOptions): Promise<{ detectors: string; controls: string }> {
  const paths = {
    detectors: path.join(folder, "detectors.json"),
    controls: path.join(folder, "controls.json"),
  };
  const list: ReferenceDetectors = {
    schema: DETECTORS_SCHEMA,
    origin: "reference",
    model: "smollm2-135m",
    method: "made up",
    source: "a test",
    note: "",
    detectors: detectors.map((latent) => ({ latent, label: null, sign: 1, weight: null, published: {} })),
  };
  await writeFile(paths.detectors, JSON.stringify(list));
  await writeControls({ path: paths.controls, file: controlFile({ detectors, sets }) });
  return paths;
}

function controlFile({
  detectors,
  sets,
}: Pick<WriteAblationFilesOptions, "detectors" | "sets">): ControlFile {
  const balance = { logFrequency: 0, logMeanActive: 0, n: detectors.length };
  const lacks = (detector: number) => sets.filter((set) => set[detector] === undefined).length;
  const unmatched = detectors.filter((detector) => lacks(detector) > 0);
  return {
    schema: "countersteer-controls/1",
    draw: "matched",
    seed: 0,
    caliper: 0.25,
    positions: "all",
    fromDocs: false,
    rows: 1000,
    sets: sets.map((set) => ({
      pairs: detectors.flatMap((detector) => {
        const control = set[detector];
        return control === undefined ? [] : [{ detector, control, distance: 0.1 }];
      }),
      balance,
    })),
    unmatched: unmatched.map((detector) => ({
      detector,
      reason: "caliper",
      sets: lacks(detector),
      nearest: 1,
    })),
    matchedInAll: detectors.filter((detector) => lacks(detector) === 0),
    pool: { latents: 4608, detectors: detectors.length, excluded: 0, dead: 0, candidates: 4000 },
    balance: { before: balance, after: balance },
    worst: null,
    deadControls: 0,
    firing: [],
    provenance: {
      version: "0.1.0",
      model: { name: "made up", fileHash: "hash", weightType: "q4_0" },
      engine: {},
      sae: { path: "/sae", hash: "hash", latents: 4608 },
      layer: 15,
      promptsHash: "hash",
      answersHash: "hash",
      seed: 0,
    },
  };
}
