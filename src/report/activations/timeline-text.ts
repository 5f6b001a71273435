/** Timelines as text: bars behind the tokens of one trial, and averages around the restart of many. */
import { fixed, short } from "../number-text.ts";
import { renderTable } from "../render-table.ts";
import type { ActivationReport } from "./activation-report.ts";
import type { TrialTimeline } from "./trial-timeline.ts";

const BAR = 12;
const TOKEN = 16;

export function trialTimelineText({ timeline }: { timeline: TrialTimeline }): string {
  const { key, arm, latent, strength, prompt, source, scores, regions, groups, tokens } = timeline;
  const columns = [
    ...groups.map(({ name, latents }, i) => ({
      head: `${name} (sum of ${latents.length})`,
      values: tokens.map(({ sums }) => sums[i] ?? null),
    })),
    { head: "steered latent", values: tokens.map(({ steered }) => steered) },
  ];
  const cells = columns.map(({ values }) => barsOf(values));
  const where = latent === null ? "" : `, latent ${latent} at ${short(strength)}`;
  const places =
    regions === null
      ? "The judge sees no restart with wording, so there are no regions."
      : `Tokens: ${Object.entries(regions)
          .map(([name, { start, end }]) => `${name} [${start}, ${end})`)
          .join(", ")}.`;
  return [
    `${key}: ${arm}${where}; ${source}`,
    `prompt: ${prompt}`,
    `scores: ${scores.map((score) => fixed(score)).join(", ") || "-"}. ${places}`,
    renderTable({
      head: ["token", "region", "text", ...columns.map(({ head }) => head)],
      rows: tokens.map(({ token, region, text }, i) => [
        String(token),
        region ?? "",
        visible(text),
        ...cells.map((cell) => cell[i] ?? ""),
      ]),
      color: false,
      align: ["right", "left", "left", ...columns.map(() => "left" as const)],
    }),
  ].join("\n");
}

/** Averages at every tenth offset, as they are; the others are in the data. */
export function alignedText({ report, every = 10 }: { report: ActivationReport; every?: number }): string {
  const { design, episodes, aligned, level } = report;
  const title = `Around the restart, \`${design}\`: means of ${episodes.length} episodes at each token, ${short(100 * level)} % by steered latent`;
  const [first] = aligned;
  const offsets = (first?.points ?? []).flatMap(({ offset, n }, i) =>
    n > 0 && offset % every === 0 ? [{ offset, n, i }] : [],
  );
  if (offsets.length === 0) return `${title}\nThere is nothing to average.`;
  const columns = aligned.map(({ group, points }) => ({
    group,
    bars: barsOf(offsets.map(({ i }) => points[i]?.estimate ?? null)),
    ranges: offsets.map(({ i }) => {
      const { lower = null, upper = null } = points[i] ?? {};
      return lower === null || upper === null ? "-" : `[${digits(lower)}, ${digits(upper)}]`;
    }),
  }));
  return [
    title,
    renderTable({
      head: ["offset", "n", ...columns.flatMap(({ group }) => [group, "95 %"])],
      rows: offsets.map(({ offset, n }, row) => [
        String(offset),
        String(n),
        ...columns.flatMap(({ bars, ranges }) => [bars[row] ?? "", ranges[row] ?? ""]),
      ]),
      color: false,
      align: ["right", "right", ...columns.flatMap(() => ["left", "left"] as const)],
    }),
  ].join("\n");
}

/** Each value with a bar, the largest of all being full; "-" for none. */
function barsOf(values: readonly (number | null)[]): string[] {
  const largest = Math.max(0, ...values.flatMap((value) => value ?? []));
  return values.map((value) => {
    if (value === null) return "-";
    const length = largest === 0 ? 0 : Math.round((BAR * Math.max(0, value)) / largest);
    return `${digits(value).padStart(7)} ${"#".repeat(length)}`;
  });
}

function digits(value: number): string {
  return value === 0 ? "0" : String(Number(value.toPrecision(3)));
}

/** White space and control characters as a person can see them, cut to the column. */
function visible(text: string): string {
  const clean = text
    .replaceAll("\n", "\\n")
    .replaceAll("\t", "\\t")
    .replace(/\p{Cc}/gu, "?");
  const points = [...clean];
  return points.length <= TOKEN ? clean : `${points.slice(0, TOKEN - 1).join("")}…`;
}
