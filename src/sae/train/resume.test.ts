import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, rmSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, test } from "vitest";
import { sparseRows } from "../../../test/support/sae-rows.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { TOY, TOY_INPUT, TOY_ROWS, trainToy } from "../../../test/support/toy-training.ts";
import { findCheckpoint } from "./checkpoint.ts";
import { openPlainProduct } from "./plain-product.ts";
import { readTrainSettings } from "./settings.ts";
import { openTrainer } from "./trainer.ts";
import type { TrainerOptions } from "./trainer-types.ts";

/** Opens a training that goes on in a folder, at the position of its checkpoint. */
async function goOn({ folder, ...options }: { folder: string } & Partial<TrainerOptions>) {
  const found = await findCheckpoint({ folder });
  return openTrainer({
    settings: TOY,
    source: sparseRows({ ...TOY_ROWS, position: Number(found?.position ?? 0) }),
    product: openPlainProduct,
    precision: "float32",
    workers: 1,
    checkpointRows: TOY.batchRows,
    folder,
    ...options,
  });
}

function startChild(folder: string): ChildProcess {
  return spawn(process.execPath, ["test/support/train-child.ts", folder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
}

/** Kills the child as soon as it has done so many more steps. */
async function killAfter({ folder, steps }: { folder: string; steps: number }): Promise<void> {
  const child = startChild(folder);
  const ended = once(child, "exit");
  if (child.stdout === null) throw new Error("the child has no stdout");
  let seen = 0;
  for await (const _ of createInterface({ input: child.stdout })) {
    seen += 1;
    if (seen === steps) child.kill("SIGKILL");
  }
  await ended;
}

describe("a resumed training", () => {
  test.each(["topk", "batchtopk"] as const)(
    "%s: stopped at any step gives the weights of an uninterrupted one",
    async (variant) => {
      const settings = readTrainSettings({ ...TOY_INPUT, variant, totalRows: 80 * 16, auxK: 12 });
      const whole = await trainToy({ settings });
      for (const stopAt of [1, 7, 15]) {
        await using folder = await temporaryFolder();
        const abort = new AbortController();
        const first = await goOn({
          folder: folder.path,
          settings,
          onStep: ({ step }) => {
            if (step === stopAt) abort.abort();
          },
        });
        await first.run({ signal: abort.signal });
        await first.close();
        const second = await goOn({ folder: folder.path, settings });
        expect(second.step).toBe(stopAt);
        await second.run();
        expect(second.weights(), `stopped after step ${stopAt}`).toEqual(whole.weights);
        await second.close();
      }
    },
  );

  test("survives kill -9: the weights are those of an uninterrupted one", async () => {
    await using folder = await temporaryFolder();
    await killAfter({ folder: folder.path, steps: 5 });
    await killAfter({ folder: folder.path, steps: 9 });
    const found = await findCheckpoint({ folder: folder.path });
    expect(found?.step).toBeGreaterThan(4);
    expect(found?.step).toBeLessThan(TOY.totalRows / TOY.batchRows);
    const trainer = await goOn({ folder: folder.path });
    await trainer.run();
    expect(trainer.weights()).toEqual((await trainToy()).weights);
    await trainer.close();
  }, 60_000);

  test("keeps the two newest checkpoints; the older one resumes as well", async () => {
    await using folder = await temporaryFolder();
    const settings = readTrainSettings({ ...TOY_INPUT, totalRows: 80 * 8 });
    const whole = await goOn({ folder: folder.path, settings });
    await whole.run();
    expect(readdirSync(folder.path)).toEqual([
      "checkpoint-00000007.safetensors",
      "checkpoint-00000008.safetensors",
    ]);
    rmSync(join(folder.path, "checkpoint-00000008.safetensors"));
    const again = await goOn({ folder: folder.path, settings });
    await again.run();
    expect(again.weights()).toEqual(whole.weights());
    await whole.close();
    await again.close();
  });

  test("refuses other settings and a broken checkpoint", async () => {
    await using folder = await temporaryFolder();
    const settings = readTrainSettings({ ...TOY_INPUT, totalRows: 80 * 2 });
    const first = await goOn({ folder: folder.path, settings });
    await first.run();
    await first.close();
    const other = readTrainSettings({ ...TOY_INPUT, totalRows: 80 * 2, k: 5 });
    await expect(goOn({ folder: folder.path, settings: other })).rejects.toMatchObject({
      code: "CONFIG_INVALID",
    });
    truncateSync(join(folder.path, "checkpoint-00000002.safetensors"), 1000);
    await expect(goOn({ folder: folder.path, settings })).rejects.toMatchObject({ code: "SAE_UNREADABLE" });
  });
});
