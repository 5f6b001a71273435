/** `detectors.json`: the detectors with all that is known about them and about how they were found. */
import { z } from "zod";
import { invalidLatentFile, readLatentFile, writeLatentFile } from "../latent-file.ts";
import { provenanceSchema } from "./provenance.ts";
import { fromReference, isReferenceFile } from "./reference-detectors.ts";
import { DETECTOR_RULES, DIRECTIONS, POOLINGS, TOKEN_SCOPES } from "./rules.ts";

export const DETECTORS_SCHEMA = "countersteer-detectors/1";

const index = z.number().int().nonnegative();
const share = z.number().min(0).max(1);
const sign = z.union([z.literal(1), z.literal(-1)]);

const statistics = z.object({
  auc: share,
  pairedAuc: share,
  meanOff: z.number(),
  meanOn: z.number(),
  firingOff: share,
  firingOn: share,
  p: share,
  dz: z.number().nullable(),
  rankBiserial: z.number().nullable(),
});

const foundDetector = z.object({
  latent: index,
  label: z.string().nullable(),
  sign,
  weight: z.number(),
  stability: share,
  selection: statistics.extend({ q: share }),
  confirmation: statistics.extend({ q: share, confirmed: z.boolean() }).nullable(),
});

const answerSchema = z.object({ prompt: z.string().min(1), response: z.string() });

const foundSchema = z.object({
  schema: z.literal(DETECTORS_SCHEMA),
  origin: z.literal("found"),
  rule: z.enum(DETECTOR_RULES),
  settings: z.object({
    pooling: z.enum(POOLINGS),
    tokens: z.enum(TOKEN_SCOPES),
    derangements: index,
    holdOut: share,
    minFiringShare: share,
    alpha: share,
    top: index.nullable(),
    direction: z.enum(DIRECTIONS),
    /** Tokens of an answer at most. */
    maxTokens: index,
  }),
  /** Latents that fired often enough to be tested, and those that passed the rule. */
  tested: index,
  eligible: index,
  prompts: z.object({ selection: z.array(z.string()), confirmation: z.array(z.string()) }),
  /** Derangements in fact: no more than prompts - 1. */
  derangements: z.object({ selection: index, confirmation: index }),
  provenance: provenanceSchema,
  detectors: z.array(foundDetector),
  answers: z.array(answerSchema),
});

const referenceSchema = z.object({
  schema: z.literal(DETECTORS_SCHEMA),
  origin: z.literal("reference"),
  model: z.string(),
  method: z.string(),
  source: z.string(),
  note: z.string(),
  detectors: z.array(
    z.object({
      latent: index,
      label: z.string().nullable(),
      sign,
      weight: z.number().nullable(),
      /** As published, under the published names. */
      published: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])),
    }),
  ),
});

const fileSchema = z.discriminatedUnion("origin", [foundSchema, referenceSchema]);

export type FoundDetectors = z.infer<typeof foundSchema>;
export type ReferenceDetectors = z.infer<typeof referenceSchema>;
export type DetectorFile = FoundDetectors | ReferenceDetectors;

/** Throws the system's error. */
export async function writeDetectors({ path, file }: { path: string; file: DetectorFile }): Promise<void> {
  await writeLatentFile({ path, file });
}

/** Our own files, and the reference's (METHOD.md 8.1, 8.2). Throws CONFIG_INVALID for a file that can't be read or is neither. */
export async function readDetectors({ path }: { path: string }): Promise<DetectorFile> {
  const holds = "detectors";
  const todo =
    "Give a file that `countersteer latents detectors` wrote, one of assets/reference, or the reference's JSON.";
  const convert = (json: unknown) => (isReferenceFile(json) ? fromReference({ json, path }) : json);
  const file = await readLatentFile({ path, schema: fileSchema, holds, todo, convert });
  const latents = file.detectors.map(({ latent }) => latent);
  const twice = latents.find((latent, at) => latents.indexOf(latent) !== at);
  if (twice !== undefined)
    throw invalidLatentFile({ path, holds, todo, why: `Latent ${twice} stands in it twice` });
  return file;
}

/** The latents of a file, in its order. `confirmedOnly` leaves out those that other prompts did not confirm, and all of a file without confirmation. */
export function detectorLatents({
  file,
  confirmedOnly = false,
}: {
  file: DetectorFile;
  confirmedOnly?: boolean;
}): number[] {
  if (!confirmedOnly) return file.detectors.map(({ latent }) => latent);
  if (file.origin === "reference") return [];
  return file.detectors
    .filter(({ confirmation }) => confirmation?.confirmed === true)
    .map(({ latent }) => latent);
}
