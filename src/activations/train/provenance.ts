/** Where the rows of a training came from: what its recipe file says of it, and what must be the same when it goes on. */
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import type { Engine } from "../../engine/engine.ts";
import { CountersteerError } from "../../errors.ts";
import { hashFile } from "../../model/file-hash.ts";
import type { Corpus } from "../tokenize-corpus.ts";

const side = z.object({ documents: z.number(), rows: z.number() });
const file = z.object({ file: z.string(), sha256: z.string() });

export const provenanceSchema = z.object({
  /** Version of this package. */
  package: z.string(),
  /** null where activations came from a file. */
  model: z
    .object({
      file: z.string(),
      name: z.string(),
      sha256: z.string(),
      weightType: z.string(),
      weightMode: z.string(),
    })
    .nullable(),
  engine: z.record(z.string(), z.union([z.string(), z.number()])).nullable(),
  documents: z.array(file),
  corpus: z.object({ train: side, heldOut: side }).nullable(),
  activations: file.extend({ metadata: z.record(z.string(), z.string()) }).nullable(),
});
export type Provenance = z.infer<typeof provenanceSchema>;

/** @param files documents @param cacheDir where file hashes are remembered */
export async function corpusProvenance({
  engine,
  corpus,
  files,
  packageVersion,
  cacheDir,
}: {
  engine: Engine;
  corpus: Corpus;
  files: readonly string[];
  packageVersion: string;
  cacheDir: string;
}): Promise<Provenance> {
  const { path, name, fileHash, weightType, weightMode } = engine.info;
  const { train, heldOut } = corpus;
  return {
    package: packageVersion,
    model: { file: path, name, sha256: fileHash, weightType, weightMode },
    engine: { ...engine.build },
    documents: await Promise.all(
      files.map(async (each) => ({ file: each, sha256: await hashFile({ path: each, cacheDir }) })),
    ),
    corpus: {
      train: { documents: train.documents, rows: train.rows },
      heldOut: { documents: heldOut.documents, rows: heldOut.rows },
    },
    activations: null,
  };
}

export async function fileProvenance({
  path,
  metadata,
  packageVersion,
  cacheDir,
}: {
  path: string;
  metadata: Readonly<Record<string, string>>;
  packageVersion: string;
  cacheDir: string;
}): Promise<Provenance> {
  return {
    package: packageVersion,
    model: null,
    engine: null,
    documents: [],
    corpus: null,
    activations: { file: path, sha256: await hashFile({ path, cacheDir }), metadata: { ...metadata } },
  };
}

/** What decides the rows. Files may have moved; how many processes the engine has changes nothing. */
function decisive({ model, engine, documents, corpus, activations }: Provenance): Record<string, unknown> {
  return {
    "the model's file": model?.sha256,
    "the weight type": model?.weightType,
    "the version of llama.cpp": engine?.llamaCpp,
    "the documents": documents.map(({ sha256 }) => sha256),
    "the rows of the documents": corpus,
    "the activations": activations?.sha256,
  };
}

/** Throws RUNS_UNEQUAL where the rows now are not those with which the training began. */
export function checkSameRows({ before, now }: { before: Provenance; now: Provenance }): void {
  const [old, current] = [decisive(before), decisive(now)];
  const different = Object.keys(old).filter((key) => !isDeepStrictEqual(old[key], current[key]));
  if (different.length === 0) return;
  throw new CountersteerError("RUNS_UNEQUAL", {
    what: "The training can't go on: its rows are no longer the same.",
    why: `Changed since it began: ${different.join(", ")}.`,
    todo: "Bring back the old files, or train in a new folder.",
    facts: { different, before: old, now: current },
  });
}
