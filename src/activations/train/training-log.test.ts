import { appendFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { openTrainingLog } from "./training-log.ts";

const measures = { loss: 1, fvu: 1, l0: 1, dead: 0 };

it("a log that goes on from a checkpoint has every step once, in order", async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, "log.jsonl");
  {
    using log = await openTrainingLog({ file, steps: 0 });
    log.write({ event: "block", rows: 9 });
    expect(log.lastStep).toBeNull();
    for (const step of [1, 2, 3, 4]) log.write({ event: "step", step, ...measures, fvu: step / 10 });
  }
  // killed in the middle of a line
  await appendFile(file, '{"event":"st');
  {
    using log = await openTrainingLog({ file, steps: 2 });
    expect(log.lastStep).toEqual({ ...measures, fvu: 0.2 });
    for (const step of [3, 4, 5]) log.write({ event: "step", step });
  }
  const lines: unknown[] = (await readFile(file, "utf8"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const step = (number: number) => expect.objectContaining({ event: "step", step: number });
  expect(lines).toEqual([{ event: "block", rows: 9, at: expect.any(String) }, ...[1, 2, 3, 4, 5].map(step)]);
});

it("a log whose last line was cut off loses that line only", async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, "log.jsonl");
  {
    using log = await openTrainingLog({ file, steps: 0 });
    log.write({ event: "step", step: 1 });
  }
  await appendFile(file, '{"event":');
  using log = await openTrainingLog({ file, steps: 7 });
  log.write({ event: "step", step: 8 });
  expect((await readFile(file, "utf8")).trim().split("\n")).toHaveLength(2);
});
