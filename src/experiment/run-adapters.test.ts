import { expect, test } from "vitest";
import { type Adapter, type Arm, steeredArm, unsteeredArm } from "./arms.ts";
import { declareArms } from "./declare-arms.ts";
import { runAdapters, trainingOf } from "./run-adapters.ts";

const adapter = (hash: string): Adapter => ({ path: `/${hash}.gguf`, hash });
const declared = (arms: Arm[]) => declareArms({ arms, context: { saeHash: "sae-hash", layer: 15 } });
const ARMS = declared([
  steeredArm(),
  steeredArm({ name: "a", adapter: adapter("one") }),
  steeredArm({ name: "b", adapter: adapter("two") }),
  unsteeredArm({ name: "a-unsteered", adapter: adapter("one") }),
]);

test("each adapter of a run stands once, under its first arm's name", () => {
  expect(runAdapters({ store: { arms: () => ARMS }, session: { arms: ARMS } })).toEqual([
    { name: "a", path: "/one.gguf", hash: "one" },
    { name: "b", path: "/two.gguf", hash: "two" },
  ]);
});

test("a file that is not what it was in the run is refused", () => {
  const now = declared([steeredArm({ name: "a", adapter: adapter("other") })]);
  expect(() => runAdapters({ store: { arms: () => ARMS }, session: { arms: now } })).toThrow(
    expect.objectContaining({ code: "ADAPTER_MISMATCH" }),
  );
});

test("data and adapters are those that the design names", () => {
  const adapters = [{ name: "a", path: "a.gguf" }];
  expect(trainingOf({ designs: ["esr", { name: "finetune", data: "d.meta.json", adapters }] })).toEqual({
    data: "d.jsonl",
    adapters,
  });
  expect(trainingOf({ designs: ["esr"] })).toEqual({ data: null, adapters: [] });
});
