/** Truth: 20 steps of bench/peers/sae_torch.py in float64 (autograd), written by bench/peers/sae_fixture.py. */
import { expect, test } from "vitest";
import { givenRows } from "../../../test/support/sae-rows.ts";
import { openSafetensors } from "../safetensors.ts";
import { openPlainProduct } from "./plain-product.ts";
import { readTrainSettings } from "./settings.ts";
import { openTrainer } from "./trainer.ts";
import type { StepReport } from "./trainer-types.ts";

const file = openSafetensors({ path: "test/data/sae-train/steps.safetensors" });
const read = (name: string) => file.readTensor(name);

test("twenty steps have PyTorch's losses, dead latents and final weights", async () => {
  const reports: StepReport[] = [];
  const trainer = await openTrainer({
    settings: readTrainSettings(JSON.parse(file.metadata.settings ?? "")),
    source: givenRows({ rows: read("rows"), dModel: 24 }),
    product: openPlainProduct,
    precision: "float32",
    workers: 1,
    initial: {
      encoder: read("encoder"),
      decoder: read("decoder"),
      encoderBias: read("encoderBias"),
      decoderBias: read("decoderBias"),
    },
    onStep: (report) => reports.push(report),
  });
  try {
    await trainer.run();
    expect(reports).toHaveLength(20);
    const [losses, auxLosses, dead] = [read("losses"), read("aux_losses"), read("dead")];
    reports.forEach((report, step) => {
      expect(Math.abs(report.loss / (losses[step] ?? 0) - 1), `loss of step ${step}`).toBeLessThan(1e-4);
      expect(report.auxLoss, `auxiliary loss of step ${step}`).toBeCloseTo(auxLosses[step] ?? -1, 4);
      expect(report.dead, `dead at step ${step}`).toBe(dead[step]);
    });
    const weights = trainer.weights();
    for (const name of ["encoder", "decoder", "encoderBias", "decoderBias"] as const) {
      const truth = read(`final_${name}`);
      const far = weights[name].reduce(
        (most, value, i) => Math.max(most, Math.abs(value - (truth[i] ?? 0))),
        0,
      );
      expect(far, name).toBeLessThan(2e-4);
    }
  } finally {
    await trainer.close();
  }
});
