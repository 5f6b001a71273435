/** Backtracking latents by what their labels say. Needs no model, and believes the labels. */
import type { Label } from "../../sae/labels.ts";
import type { LabelledLatent } from "./backtracking-file.ts";
import { scoreLabel } from "./label-patterns.ts";

export interface ByLabelOptions {
  labels: readonly Pick<Label, "index" | "label" | "frequency">[];
  /** Least score of a label. @default 2 */
  minScore?: number;
  /** Latents at most; null takes all. @default null */
  top?: number | null;
}

/** Best first, then by index. Dead latents are left out. */
export function backtrackingByLabel({ labels, minScore = 2, top = null }: ByLabelOptions): LabelledLatent[] {
  return labels
    .filter(({ frequency }) => frequency > 0)
    .map(({ index, label }) => ({ latent: index, label, ...scoreLabel(label) }))
    .filter(({ score }) => score >= minScore && score > 0)
    .sort((a, b) => b.score - a.score || a.latent - b.latent)
    .slice(0, top ?? undefined);
}
