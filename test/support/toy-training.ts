/** A training small enough for tests. */
import { openPlainProduct } from "../../src/sae/train/plain-product.ts";
import { readTrainSettings, type TrainSettingsInput } from "../../src/sae/train/settings.ts";
import { openTrainer } from "../../src/sae/train/trainer.ts";
import type { StepReport, TrainedWeights, TrainerOptions } from "../../src/sae/train/trainer-types.ts";
import { sparseRows } from "./sae-rows.ts";

export const TOY_INPUT: TrainSettingsInput = {
  latents: 96,
  k: 4,
  batchRows: 80,
  totalRows: 80 * 40,
  learningRate: 5e-3,
  warmUpSteps: 4,
  deadAfterRows: 80 * 6,
};
export const TOY = readTrainSettings(TOY_INPUT);
export const TOY_ROWS = { dModel: 40, causes: 48, active: 4, seed: 3 };

export interface ToyResult {
  weights: TrainedWeights;
  reports: StepReport[];
}

/** Trains to the end with the plain product. */
export async function trainToy({
  settings = {},
  ...options
}: { settings?: Partial<TrainSettingsInput> } & Partial<
  Omit<TrainerOptions, "settings">
> = {}): Promise<ToyResult> {
  const reports: StepReport[] = [];
  const trainer = await openTrainer({
    settings: readTrainSettings({ ...TOY_INPUT, ...settings }),
    source: sparseRows(TOY_ROWS),
    product: openPlainProduct,
    precision: "float32",
    workers: 1,
    onStep: (report) => reports.push(report),
    ...options,
  });
  try {
    await trainer.run();
    return { weights: trainer.weights(), reports };
  } finally {
    await trainer.close();
  }
}

/** Mean of a report's field over the last `count` steps. */
export function lately(reports: StepReport[], field: "fvu" | "l0" | "dead", count: number): number {
  return reports.slice(-count).reduce((sum, report) => sum + report[field], 0) / count;
}
