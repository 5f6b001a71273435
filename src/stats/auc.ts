/** Area under the ROC curve: the chance that a positive outscores a negative, ties count half. Null when a class is empty. */
import { midRanks } from "./ranks.ts";

export function auc({ items }: { items: readonly { positive: boolean; score: number }[] }): number | null {
  const { ranks } = midRanks(items.map((item) => item.score));
  let positives = 0;
  let rankSum = 0;
  items.forEach((item, i) => {
    if (item.positive) {
      positives += 1;
      rankSum += ranks[i] ?? 0;
    }
  });
  const negatives = items.length - positives;
  if (positives === 0 || negatives === 0) {
    return null;
  }
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives);
}
