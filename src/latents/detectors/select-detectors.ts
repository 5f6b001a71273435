/** From readings to detectors: test, correct, rank, and confirm on prompts that had no say in the choice. */
import { benjaminiHochberg } from "../../stats/benjamini-hochberg.ts";
import {
  type DetectorStatistics,
  firingShares,
  type LatentStatistics,
  latentStatistics,
} from "./latent-statistics.ts";
import type { Readings } from "./readings.ts";
import { type DetectorRule, type DetectorSettings, PAPER_OFF_SHARE } from "./rules.ts";

export interface Confirmation extends DetectorStatistics {
  /** p is one-sided, on the side found in selection; q is corrected over the detectors. */
  q: number;
  confirmed: boolean;
}

export interface SelectedDetector {
  latent: number;
  /** 1: fires more off topic; -1: fires more on topic. */
  sign: 1 | -1;
  /** Mean value off topic less that on topic, in units of the latent; its sign is `sign`'s unless ranks and means disagree. */
  weight: number;
  /** Share of the derangements in which it is among the best by AUC, as many as there are detectors. */
  stability: number;
  selection: DetectorStatistics & {
    /** p corrected over all tested latents (Benjamini and Hochberg). */
    q: number;
  };
  confirmation: Confirmation | null;
}

export interface Selection {
  /** Best first. */
  detectors: SelectedDetector[];
  /** Latents that fire often enough to be tested. */
  tested: number;
  /** Latents that pass the rule, before `top` cut them. */
  eligible: number;
}

export interface SelectDetectorsOptions {
  rule: DetectorRule;
  settings: Pick<DetectorSettings, "alpha" | "minFiringShare" | "top" | "direction">;
  selection: Readings;
  /** Readings of other prompts; null confirms nothing. */
  confirmation: Readings | null;
}

type Candidate = LatentStatistics & { q: number };

export function selectDetectors(options: SelectDetectorsOptions): Selection {
  const { rule, settings, selection, confirmation } = options;
  const tested = testLatents({ readings: selection, minFiringShare: settings.minFiringShare });
  const eligible = tested.filter((each) => passes({ rule, settings, candidate: each }));
  const chosen = eligible
    .toSorted((a, b) => compare({ rule, settings, a, b }))
    .slice(0, settings.top ?? eligible.length);
  const strength = (value: number) => strengthOf({ settings, auc: value });
  const limits = Array.from({ length: selection.derangements }, (_, k) => {
    const strengths = tested.map(({ aucs }) => strength(aucs[k] ?? 0.5)).sort((a, b) => b - a);
    return strengths[chosen.length - 1] ?? 1;
  });
  const confirmations = confirm({ readings: confirmation, chosen, alpha: settings.alpha });
  const detectors = chosen.map((candidate, i): SelectedDetector => {
    const { latent, aucs, silentOn: _, ...statistics } = candidate;
    const among = limits.filter((limit, k) => strength(aucs[k] ?? 0.5) >= limit).length;
    return {
      latent,
      sign: signOf(candidate),
      weight: candidate.meanOff - candidate.meanOn,
      stability: limits.length === 0 ? 0 : among / limits.length,
      selection: statistics,
      confirmation: confirmations[i] ?? null,
    };
  });
  return { detectors, tested: tested.length, eligible: eligible.length };
}

function testLatents({
  readings,
  minFiringShare,
}: {
  readings: Readings;
  minFiringShare: number;
}): Candidate[] {
  const statistics: LatentStatistics[] = [];
  firingShares(readings).forEach((share, latent) => {
    if (share > 0 && share >= minFiringShare) statistics.push(latentStatistics({ readings, latent }));
  });
  const q = benjaminiHochberg({ p: statistics.map(({ p }) => p) });
  return statistics.map((each, i) => ({ ...each, q: q[i] ?? 1 }));
}

function passes({
  rule,
  settings,
  candidate,
}: {
  rule: DetectorRule;
  settings: SelectDetectorsOptions["settings"];
  candidate: Candidate;
}): boolean {
  const { q, auc, pairedAuc, aucs, silentOn, firingOff } = candidate;
  switch (rule) {
    case "ours":
      return (
        q <= settings.alpha &&
        (settings.direction === "both" ? auc > 0.5 === pairedAuc > 0.5 : auc > 0.5 && pairedAuc > 0.5)
      );
    case "paper":
      return silentOn && firingOff >= PAPER_OFF_SHARE;
    case "shipped":
      return aucs[0] === 1;
    default:
      return rule satisfies never;
  }
}

/** Best first; the published rules' orders are METHOD.md 8.1's, and for the shipped file, whose order is by index, ours. */
function compare({
  rule,
  settings,
  a,
  b,
}: {
  rule: DetectorRule;
  settings: SelectDetectorsOptions["settings"];
  a: Candidate;
  b: Candidate;
}): number {
  const gap = (each: Candidate) => Math.abs(each.meanOff - each.meanOn);
  const strength = (each: Candidate) => strengthOf({ settings, auc: each.auc });
  const paired = (each: Candidate) => strengthOf({ settings, auc: each.pairedAuc });
  switch (rule) {
    case "ours":
      return strength(b) - strength(a) || paired(b) - paired(a) || gap(b) - gap(a) || a.latent - b.latent;
    case "paper":
      return b.firingOff - a.firingOff || b.meanOff - a.meanOff || a.latent - b.latent;
    case "shipped":
      return gap(b) - gap(a) || a.latent - b.latent;
    default:
      return rule satisfies never;
  }
}

function confirm({
  readings,
  chosen,
  alpha,
}: {
  readings: Readings | null;
  chosen: readonly Candidate[];
  alpha: number;
}): Confirmation[] {
  if (readings === null) return [];
  const statistics = chosen.map((candidate) =>
    latentStatistics({
      readings,
      latent: candidate.latent,
      alternative: signOf(candidate) === 1 ? "greater" : "less",
    }),
  );
  const q = benjaminiHochberg({ p: statistics.map(({ p }) => p) });
  return statistics.map(({ latent: _, aucs: __, silentOn: ___, ...rest }, i) => ({
    ...rest,
    q: q[i] ?? 1,
    confirmed: (q[i] ?? 1) <= alpha,
  }));
}

function signOf({ pairedAuc }: LatentStatistics): 1 | -1 {
  return pairedAuc < 0.5 ? -1 : 1;
}

function strengthOf({
  settings,
  auc,
}: {
  settings: Pick<DetectorSettings, "direction">;
  auc: number;
}): number {
  return settings.direction === "both" ? Math.max(auc, 1 - auc) : auc;
}
