/** What the training loop keeps of a record: its tokens, and how it may be steered. */
import type { FinetuneRecord } from "../data/record.ts";
import type { TokenisedExample } from "../types.ts";

export interface TrainingExample extends TokenisedExample {
  kind: FinetuneRecord["kind"];
  split: FinetuneRecord["split"];
  /** The latent that steered the off-topic start, where one did. */
  steering: { latent: number; strength: number } | null;
}
