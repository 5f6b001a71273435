/** The reference's detector files: the finder's own output and the shipped set (METHOD.md 8.1, 8.2). Neither has weights or signs. */
import { z } from "zod";
import type { ReferenceDetectors } from "./detector-file.ts";

const referenceFile = z.object({
  model_name: z.string(),
  method: z.string().optional(),
  note: z.string().optional(),
  prompts_file: z.string().optional(),
  off_topic_detectors: z.array(z.number().int().nonnegative()),
  detector_stats: z
    .record(z.string(), z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])))
    .default({}),
});
export type ReferenceFile = z.infer<typeof referenceFile>;

export function isReferenceFile(json: unknown): json is ReferenceFile {
  return referenceFile.safeParse(json).success;
}

/** Statistics keep the names under which they were published; every sign is 1, because every detector was clamped alike. */
export function fromReference({ json, path }: { json: ReferenceFile; path: string }): ReferenceDetectors {
  const { model_name, method, note, off_topic_detectors, detector_stats = {} } = json;
  return {
    schema: "countersteer-detectors/1",
    origin: "reference",
    model: model_name,
    method: method ?? "silent on topic, active in 80 % of the off-topic readings",
    source: path,
    note: note ?? "",
    detectors: off_topic_detectors.map((latent) => ({
      latent,
      label: null,
      sign: 1,
      weight: null,
      published: detector_stats[String(latent)] ?? {},
    })),
  };
}
