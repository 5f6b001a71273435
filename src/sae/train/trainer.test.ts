import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { givenRows, sparseRows } from "../../../test/support/sae-rows.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { lately, TOY, TOY_INPUT, TOY_ROWS, trainToy } from "../../../test/support/toy-training.ts";
import { openPlainProduct } from "./plain-product.ts";
import { readTrainSettings } from "./settings.ts";
import { openTrainer } from "./trainer.ts";

describe("what a run is determined by", () => {
  test.each(["topk", "batchtopk"] as const)(
    "%s: the number of threads changes no bit of the weights",
    async (variant) => {
      const settings = { variant, auxK: 12, clipNorm: 0.5 };
      const one = await trainToy({ settings, workers: 1 });
      const three = await trainToy({ settings, workers: 3 });
      expect(three.weights).toEqual(one.weights);
      expect(three.reports).toEqual(one.reports);
    },
  );

  test("another seed gives other weights, the same seed the same", async () => {
    const settings = { totalRows: 160 };
    const first = await trainToy({ settings });
    expect((await trainToy({ settings })).weights).toEqual(first.weights);
    expect((await trainToy({ settings: { ...settings, seed: 1 } })).weights).not.toEqual(first.weights);
  });

  test("a source that gives a few rows at a time trains the same", async () => {
    const source = sparseRows(TOY_ROWS);
    const bits = { ...source, next: ({ max }: { max: number }) => source.next({ max: Math.min(max, 7) }) };
    const settings = { totalRows: 400 };
    expect((await trainToy({ settings, source: bits })).weights).toEqual(
      (await trainToy({ settings })).weights,
    );
  });
});

describe("what is learnt", () => {
  test("the error falls, decoder rows keep norm 1, and TopK has k active latents", async () => {
    const { weights, reports } = await trainToy({ settings: { totalRows: 80 * 150 } });
    expect(lately(reports, "fvu", 5)).toBeLessThan(0.5 * (reports[0]?.fvu ?? 0));
    expect(lately(reports, "l0", 5)).toBe(TOY.k);
    for (let latent = 0; latent < weights.latents; latent++) {
      expect(Math.hypot(...weights.decoder.subarray(latent * 40, (latent + 1) * 40))).toBeCloseTo(1, 5);
    }
  });

  test("BatchTopK has k active latents on average, and its threshold keeps about as many", async () => {
    const { weights, reports } = await trainToy({ settings: { variant: "batchtopk", totalRows: 80 * 150 } });
    for (const { l0 } of reports) expect(l0).toBeCloseTo(TOY.k, 1);
    const rows = await sparseRows({ ...TOY_ROWS, position: 50_000 }).next({ max: 300 });
    let active = 0;
    for (let row = 0; row < 300; row++) {
      for (let latent = 0; latent < weights.latents; latent++) {
        let pre = weights.encoderBias[latent] ?? 0;
        for (let c = 0; c < 40; c++) {
          const centred = (rows[row * 40 + c] ?? 0) - (weights.decoderBias[c] ?? 0);
          pre += (weights.encoder[latent * 40 + c] ?? 0) * centred;
        }
        if (pre > (weights.threshold ?? Number.NaN)) active += 1;
      }
    }
    expect(active / 300).toBeGreaterThan(0.8 * TOY.k);
    expect(active / 300).toBeLessThan(1.25 * TOY.k);
  });

  test("the auxiliary loss revives dead latents", async () => {
    const start = await trainToy({ settings: { totalRows: 80 } });
    const encoderBias = start.weights.encoderBias.map((bias, latent) => bias - (latent < 32 ? 1.8 : 0));
    const initial = { ...start.weights, encoderBias };
    const settings = { totalRows: 80 * 120 };
    const without = await trainToy({ settings: { ...settings, auxCoefficient: 0 }, initial });
    const revived = await trainToy({ settings, initial });
    expect(Math.max(...revived.reports.map(({ dead }) => dead))).toBeGreaterThan(20);
    expect(lately(without.reports, "dead", 5)).toBeGreaterThan(20);
    expect(lately(revived.reports, "dead", 5)).toBeLessThan(12);
    expect(without.reports.every(({ auxLoss }) => auxLoss === 0)).toBe(true);
  });

  test("clipping bounds nothing while the gradient is smaller, and changes the run when it isn't", async () => {
    const settings = { totalRows: 400 };
    const plain = await trainToy({ settings });
    expect((await trainToy({ settings: { ...settings, clipNorm: 1e6 } })).weights).toEqual(plain.weights);
    // Adam forgets a constant factor, so only a bound that bites in some steps shows
    const norms = { ...settings, clipNorm: 0.3 };
    expect((await trainToy({ settings: norms })).weights).not.toEqual(plain.weights);
  });

  test("saved weights take rows as they come, whatever their scale", async () => {
    const source = sparseRows(TOY_ROWS);
    const tenfold = {
      ...source,
      next: async (options: { max: number }) => (await source.next(options)).map((value) => 8 * value),
    };
    const one = await trainToy();
    const eight = await trainToy({ source: tenfold });
    // a power of two moves no rounding
    expect(eight.weights.encoder).toEqual(one.weights.encoder);
    expect(eight.weights.decoderBias).toEqual(one.weights.decoderBias.map((value) => 8 * value));
  });
});

describe("how a run ends", () => {
  test("at the end of the source, between two batches", async () => {
    const trainer = await openTrainer({
      settings: TOY,
      source: sparseRows({ ...TOY_ROWS, end: 200 }),
      product: openPlainProduct,
      precision: "float32",
      workers: 1,
    });
    expect(await trainer.run()).toMatchObject({ finished: "ended", last: { step: 2 } });
    await trainer.close();
  });

  test("by an abort, with a checkpoint of what was done", async () => {
    await using folder = await temporaryFolder();
    const abort = new AbortController();
    const trainer = await openTrainer({
      settings: TOY,
      source: sparseRows(TOY_ROWS),
      product: openPlainProduct,
      precision: "float32",
      workers: 1,
      folder: folder.path,
      onStep: ({ step }) => {
        if (step === 3) abort.abort();
      },
    });
    expect(await trainer.run({ signal: abort.signal })).toMatchObject({ finished: "aborted" });
    expect(readdirSync(folder.path)).toEqual(["checkpoint-00000003.safetensors"]);
    await trainer.close();
  });

  test("by TRAINING_DIVERGED when a row is not finite: weights and the last checkpoint stay", async () => {
    await using folder = await temporaryFolder();
    const rows = await sparseRows(TOY_ROWS).next({ max: 400 });
    rows[200 * 40] = Number.NaN;
    const trainer = await openTrainer({
      settings: readTrainSettings({ ...TOY_INPUT, totalRows: 400 }),
      source: givenRows({ rows, dModel: 40 }),
      product: openPlainProduct,
      precision: "float32",
      workers: 1,
      folder: folder.path,
      checkpointRows: 80,
    });
    await expect(trainer.run()).rejects.toMatchObject({ code: "TRAINING_DIVERGED", facts: { step: 3 } });
    expect(trainer.weights().encoder.every(Number.isFinite)).toBe(true);
    expect(readdirSync(folder.path)).toHaveLength(2);
    await trainer.close();
  });

  test("before it begins, by CONFIG_INVALID, when 4 GiB don't hold it", async () => {
    const settings = readTrainSettings({ ...TOY_INPUT, latents: 2 ** 20 });
    const source = sparseRows({ ...TOY_ROWS, dModel: 4096 });
    await expect(openTrainer({ settings, source, product: openPlainProduct })).rejects.toMatchObject({
      code: "CONFIG_INVALID",
    });
  });
});
