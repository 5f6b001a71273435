/** The curves of both sides on axes that they share. */
import { SIDES, type Side } from "../../../../src/server/viewer/api/playground.ts";
import { type Domain, domainOf } from "../trial/line-path.ts";
import { smooth } from "../trial/smooth.ts";
import type { SideState } from "./answer-state.ts";

export interface SideCurves {
  /** Means over neighbours; null before the first measurement, or where there is none. */
  topicality: (number | null)[] | null;
  detectors: (number | null)[] | null;
}

export interface SharedAxes {
  curves: Record<Side, SideCurves>;
  domains: Record<keyof SideCurves, Domain>;
  /** Of the longer answer so far. */
  tokens: number;
}

const WINDOW = 9;
/** Short answers don't fill the axis with their first tokens. */
const LEAST_TOKENS = 24;

export function sharedAxes(sides: Record<Side, Pick<SideState, "curves">>): SharedAxes {
  const of = ({ curves }: Pick<SideState, "curves">): SideCurves => ({
    topicality: curves?.topicality ? smooth({ values: curves.topicality, window: WINDOW }) : null,
    detectors: curves?.detectors ?? null,
  });
  const curves = { steered: of(sides.steered), unsteered: of(sides.unsteered) };
  const domain = (name: keyof SideCurves) => domainOf(SIDES.flatMap((side) => [curves[side][name] ?? []]));
  return {
    curves,
    domains: { topicality: domain("topicality"), detectors: domain("detectors") },
    tokens: Math.max(LEAST_TOKENS, ...SIDES.map((side) => sides[side].curves?.offsets.length ?? 0)),
  };
}
