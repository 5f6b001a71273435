/** An activation report as text. */
import type { PairedTest } from "../../stats/paired-test.ts";
import { REGIONS } from "../../store/analysis.ts";
import { fixed, short } from "../number-text.ts";
import { paint, renderTable } from "../render-table.ts";
import { wrapText } from "../wrap-text.ts";
import { type ActivationGroup, type ActivationReport, STEERED } from "./activation-report.ts";
import type { RegionMeans } from "./group-tests.ts";

export interface ActivationTextOptions {
  report: ActivationReport;
  color: boolean;
  /** @default 80 */
  width?: number;
  /** Latents of each group that are listed, the least p first. @default 12 */
  limit?: number;
}

export function activationText(options: ActivationTextOptions): string {
  const { report, color, width = 80 } = options;
  const { design, declared, groups } = report;
  const title = `Activations of \`${design}\` around restarts in ${declared.episodes.arm}`;
  const parts = [
    color ? paint("bold", title) : title,
    wrapText({ text: countsText(report), width }),
    ...(report.episodes.length === 0 ? [] : [groupTable(options)]),
    ...groups.flatMap((group) => (report.episodes.length === 0 ? [] : [latentTable({ ...options, group })])),
    ...groups.flatMap((group) => otherLines({ group, report }).map((text) => wrapText({ text, width }))),
    wrapText({ text: NOTE, width }),
  ];
  return parts.join("\n");
}

const NOTE =
  "Means over the tokens of a region, with the episode as the unit; intervals and p by steered latent, Holm over the latents of a group. The averages around the restart: `countersteer timeline`.";

function countsText({ trials, episodes, leftOut, declared }: ActivationReport): string {
  const { improved, restarts } = declared.episodes;
  const shape = `${restarts === "one" ? "one restart" : "a restart"}${improved ? ", last score above the first" : ""}`;
  const others = leftOut.map(({ reason, trials: n }) => `${reason} ${n}`).join(", ");
  const latents = new Set(episodes.map(({ steered }) => steered)).size;
  return `${episodes.length} episodes (${shape}) of ${latents} latents in ${trials} trials${others === "" ? "" : `; left out: ${others}`}.`;
}

const TEST_HEAD = ["difference", "95 %", "p", "p two-sided", "Wilcoxon", "d_z", "rank-biserial"];

function groupTable({ report, color }: ActivationTextOptions): string {
  return renderTable({
    head: ["mean of", ...REGIONS, "contrast", "pairs", ...TEST_HEAD],
    rows: [
      ...report.groups.map((group) => [
        `${group.name} (${group.latents.length})`,
        ...meansCells(group.means),
        `${group.first} - ${group.second}`,
        String(group.test.pairs),
        ...testCells(group.test),
      ]),
      [STEERED, ...meansCells(report.steered), "", "", ...TEST_HEAD.map(() => "")],
    ],
    color,
  });
}

function latentTable({
  group,
  color,
  limit = 12,
}: ActivationTextOptions & { group: ActivationGroup }): string {
  const { latents, name, first, second, alternative } = group;
  const ordered = latents.toSorted((a, b) => (a.p ?? 2) - (b.p ?? 2) || a.latent - b.latent);
  const hidden = ordered.length - limit;
  return [
    `${name}: ${first} ${alternative === "greater" ? "above" : "below"} ${second}, each latent`,
    renderTable({
      head: ["latent", ...REGIONS, "pairs", ...TEST_HEAD, "p Holm"],
      rows: ordered
        .slice(0, limit)
        .map((row) => [
          String(row.latent),
          ...meansCells(row.means),
          String(row.pairs),
          ...testCells(row),
          fixed(row.pHolm, 4),
        ]),
      color,
    }),
    ...(hidden > 0 ? [`... and ${hidden} more`] : []),
  ].join("\n");
}

function otherLines({ group, report }: { group: ActivationGroup; report: ActivationReport }): string[] {
  const { level, episodes } = report;
  const { name, noRestart, baseline, means } = group;
  const coverage = `${short(100 * level)} %`;
  const lines: string[] = [];
  if (noRestart !== null && episodes.length > 0) {
    const { answers, mean, difference, paired } = noRestart;
    if (difference !== null) {
      lines.push(
        `${name} without a restart: ${value(mean.estimate)} in ${answers} answers that stay off topic, at the tokens where the episodes are (${value(means["off-topic"].estimate)}); difference ${value(difference.estimate)} ${coverage} ${range(difference)}.`,
      );
    }
    if (paired !== null) {
      const each = REGIONS.map((region) => {
        const { pairs, difference: d, pTwoSided } = paired[region];
        return `${region} ${value(d.estimate)} ${range(d)} p ${fixed(pTwoSided, 4)} (${pairs})`;
      });
      lines.push(`${name}, episode less the same unit without the restart, same tokens: ${each.join("; ")}.`);
    }
  }
  if (baseline !== null) {
    const { answers, mean, paired } = baseline;
    lines.push(
      `${name} on topic without steering: ${value(mean.estimate)} ${range(mean)} in ${answers} answers${paired.pairs === 0 ? "" : `; off-topic region less it, by unit: ${value(paired.difference.estimate)} ${range(paired.difference)} p ${fixed(paired.p, 4)} (${paired.pairs} pairs)`}.`,
    );
  }
  return lines;
}

function meansCells(means: RegionMeans): string[] {
  return REGIONS.map((region) => value(means[region].estimate));
}

function testCells(test: PairedTest): string[] {
  const { difference, p, pTwoSided, pWilcoxon, dz, rankBiserial } = test;
  return [
    value(difference.estimate),
    range(difference),
    fixed(p, 4),
    fixed(pTwoSided, 4),
    fixed(pWilcoxon, 4),
    fixed(dz, 2),
    fixed(rankBiserial, 2),
  ];
}

/** Three digits that count, whatever the scale of the dictionary. */
function value(number: number | null): string {
  if (number === null) return "-";
  return number === 0 ? "0" : Number(number.toPrecision(3)).toString();
}

function range({ lower, upper }: { lower: number | null; upper: number | null }): string {
  return lower === null || upper === null ? "-" : `[${value(lower)}, ${value(upper)}]`;
}
