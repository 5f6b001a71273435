import { describe, expect, test } from "vitest";
import type { RunRow } from "../../../../src/server/viewer/api/runs.ts";
import { patchState, readState } from "../../lib/query-state.ts";
import { compareStateSchema, isSame, named, sidesOf } from "./compare-state.ts";

const rate = { successes: 0, n: 0, estimate: null, lower: null, upper: null };
function row(id: string, arms: string[] | null): RunRow {
  return {
    id,
    name: id,
    problem: null,
    run:
      arms === null
        ? null
        : {
            state: "finished",
            trials: 1,
            errored: 0,
            judged: 1,
            planned: 1,
            multiAttempt: rate,
            createdAt: "2026-01-01T00:00:00Z",
            design: "esr",
            preset: null,
            model: "m",
            judge: "j/1",
            arms,
            resumable: false,
          },
  };
}

const runs = [row("broken", null), row("one", ["steered"]), row("two", ["steered", "ablated", "control"])];
const chosen = (search: string) => {
  const sides = sidesOf(readState(compareStateSchema, search), runs);
  return sides === null
    ? null
    : [sides.reference.run, sides.reference.arm, sides.treatment.run, sides.treatment.arm];
};

describe("what is compared", () => {
  test.each([
    ["", ["two", "steered", "two", "ablated"]],
    ["?run=two&arm=ablated", ["two", "ablated", "two", "steered"]],
    ["?run=two&arm=ablated&arm2=control", ["two", "ablated", "two", "control"]],
    ["?run=one", ["one", "steered", "one", null]],
    ["?run=one&run2=two", ["one", "steered", "two", "steered"]],
    ["?run=gone&arm=a&arm2=b", ["gone", "a", "gone", "b"]],
  ])("%s", (search, sides) => {
    expect(chosen(search)).toEqual(sides);
  });

  test("the address that names both sides means the same sides", () => {
    const sides = sidesOf(readState(compareStateSchema, "?run=two&run2=one"), runs);
    if (sides === null) return expect.unreachable("no sides");
    expect(named(sides)).toEqual({ run: "two", arm: "steered", run2: "one", arm2: "steered" });
    expect(
      sidesOf(
        patchState(compareStateSchema, readState(compareStateSchema, ""), named(sides)),
        [...runs].reverse(),
      ),
    ).toEqual(sides);
  });

  test("without runs there is nothing", () => {
    expect(sidesOf(readState(compareStateSchema, ""), [])).toBeNull();
  });

  test("an arm is the same only within one run", () => {
    const side = (run: string, arm: string) => ({ run, arm, row: null });
    expect(isSame({ reference: side("a", "x"), treatment: side("a", "x") })).toBe(true);
    expect(isSame({ reference: side("a", "x"), treatment: side("b", "x") })).toBe(false);
  });
});
