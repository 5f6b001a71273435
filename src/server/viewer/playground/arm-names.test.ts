import { expect, test } from "vitest";
import { ArmNames } from "./arm-names.ts";

test("arms of equal content are one, whatever the order of their fields, and others are numbered by kind", () => {
  const names = new ArmNames();
  const steered = { name: "steered", content: { layer: 15, positions: "all" } };
  expect(names.of(steered)).toBe("steered");
  expect(names.of({ name: "unsteered", content: { steer: null } })).toBe("unsteered");
  expect(names.of({ name: "steered", content: { layer: 15, positions: { kind: "prompt" } } })).toBe(
    "steered-2",
  );
  expect(names.of({ name: "steered", content: { positions: "all", layer: 15 } })).toBe("steered");
  expect(names.arms().map(({ name }) => name)).toEqual(["steered", "unsteered", "steered-2"]);
});
