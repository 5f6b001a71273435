/** What the name of a result file says (METHOD.md 1.6): `experiment_results_<model>_<date>_<time>[_<suffix>][_with_ablation].json`. */

export interface ReferenceName {
  type: "results" | "multi_boost";
  model: string;
  /** `YYYYMMDD` and `HHMMSS`, of an unknown time zone. */
  date: string;
  time: string;
  suffix: string;
  ablation: boolean;
  /** Number of the random set of experiment 10. */
  randomSet: number | null;
  /** Written when the time was over: not every latent is in it (METHOD.md 10.3, row 33). */
  partial: boolean;
}

/** null for a name of another form. */
export function parseReferenceName(name: string): ReferenceName | null {
  if (!name.endsWith(".json")) return null;
  const stem = name.slice(0, -".json".length);
  const ablation = stem.endsWith("_with_ablation");
  const [first, ...tokens] = stem.replace(/_with_ablation$/, "").split("_");
  if (first !== "experiment") return null;
  const stamp = findStamp(tokens);
  if (stamp === null) return null;
  const type =
    tokens[0] === "results"
      ? "results"
      : tokens[0] === "multi" && tokens[1] === "boost"
        ? "multi_boost"
        : null;
  if (type === null) return null;
  const model = tokens.slice(type === "results" ? 1 : 2, stamp.at).join("_");
  if (model === "") return null;
  const suffix = tokens.slice(stamp.at + stamp.length).join("_");
  const random = /random_ablation_set(\d+)/.exec(suffix)?.[1];
  return {
    type,
    model,
    date: tokens[stamp.at] ?? "",
    time: stamp.length === 2 ? (tokens[stamp.at + 1] ?? "") : "000000",
    suffix,
    ablation: ablation || random !== undefined,
    randomSet: random === undefined ? null : Number(random),
    partial: /(?:^|_)TIMEOUT$/.test(suffix),
  };
}

/** The last date with a time, else the last token that looks like a date of this century. */
function findStamp(tokens: readonly string[]): { at: number; length: 1 | 2 } | null {
  const pair = tokens.findLastIndex(
    (token, i) => /^\d{8}$/.test(token) && /^\d{6}$/.test(tokens[i + 1] ?? ""),
  );
  if (pair >= 0) return { at: pair, length: 2 };
  const day = tokens.findLastIndex((token) => /^20\d{6}$/.test(token));
  return day >= 0 ? { at: day, length: 1 } : null;
}
