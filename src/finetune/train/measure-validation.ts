/** The loss on validation examples, by kind: a training that forgets to answer normally shows in one of the two only. */
import type { LoraTrainer, LossSum } from "./lora-trainer.ts";
import { packRows } from "./pack-rows.ts";
import type { Validation } from "./position.ts";
import type { Recipe } from "./recipe.ts";
import { type Steer, steered } from "./steer-examples.ts";
import type { TrainingExample } from "./training-example.ts";

export interface MeasureValidationOptions {
  recipe: Pick<Recipe, "train">;
  validation: readonly TrainingExample[];
  steer: Steer | null;
  trainer: LoraTrainer;
  step: number;
}

/** null without validation examples. */
export async function measureValidation(options: MeasureValidationOptions): Promise<Validation | null> {
  if (options.validation.length === 0) return null;
  const selfCorrection = await lossOf({ ...options, kind: "self-correction" });
  const normal = await lossOf({ ...options, kind: "normal" });
  const all = { loss: selfCorrection.loss + normal.loss, targets: selfCorrection.targets + normal.targets };
  return {
    step: options.step,
    all: all.loss / all.targets,
    selfCorrection: meanOf(selfCorrection),
    normal: meanOf(normal),
  };
}

function meanOf({ loss, targets }: LossSum): number | null {
  return targets === 0 ? null : loss / targets;
}

async function lossOf({
  recipe,
  validation,
  steer,
  trainer,
  kind,
}: MeasureValidationOptions & { kind: TrainingExample["kind"] }): Promise<LossSum> {
  const examples = validation.flatMap((example, index) =>
    example.kind === kind ? [steered({ steer, example, index, epoch: "validation" })] : [],
  );
  const layer = steer === null ? {} : { layer: steer.layer };
  const total = { loss: 0, targets: 0 };
  for (const pack of packRows({ examples, maxRows: recipe.train.maxRows, ...layer })) {
    const { loss, targets } = await trainer.evaluate(pack);
    total.loss += loss;
    total.targets += targets;
  }
  return total;
}
