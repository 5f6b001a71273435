import { expect, it } from "vitest";
import { patchState, readState } from "../../lib/query-state.ts";
import { isFiltered, NO_FILTER, nextSort, rowQuery, tableQuery, trialsStateSchema } from "./trials-state.ts";

const read = (search: string) => readState(trialsStateSchema, search);

it("gives equal tables equal queries, whatever is selected", () => {
  expect(tableQuery(read("arm=steered&at=7&sort=order"))).toEqual(tableQuery(read("arm=steered")));
});

it("passes over what no table can be filtered by", () => {
  expect(read("outcome=nonsense&latent=-1&sort=drop&arm=a")).toEqual({
    arm: "a",
    sort: "order",
    direction: "up",
  });
});

it("keeps the order when filters are cleared", () => {
  const state = patchState(trialsStateSchema, read("arm=a&search=wait&sort=last&at=3"), NO_FILTER);
  expect(isFiltered(state)).toBe(false);
  expect(state).toEqual({ sort: "last", direction: "up" });
});

it("selects row 0 too", () => {
  expect(rowQuery(read(""), 0)).toMatchObject({ at: 0 });
});

it("turns the order round at the second click on a column", () => {
  const once = nextSort({ sort: "order", direction: "up" }, "last");
  expect([once, nextSort(once, "last")]).toEqual([
    { sort: "last", direction: "up" },
    { sort: "last", direction: "down" },
  ]);
});
