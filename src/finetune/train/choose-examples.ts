/** Which examples of a data set a training uses: by steering mode, ratio and length. */
import { CountersteerError } from "../../errors.ts";
import { createRng } from "../../stats/rng.ts";
import { shuffle } from "../../stats/shuffle.ts";
import { type MixCounts, mixByRatio } from "./mix-by-ratio.ts";
import { rowsOf } from "./pack-rows.ts";
import type { Recipe } from "./recipe.ts";
import type { TrainingExample } from "./training-example.ts";

/** Streams of the seed. */
const MIX_STREAM = 1;
const VALIDATION_STREAM = 2;

export interface ChosenExamples {
  train: TrainingExample[];
  validation: TrainingExample[];
  /** Numbers of the mix; null where no ratio was asked for. */
  mix: MixCounts | null;
  /** Ids of examples that were left out for their length. */
  skipped: string[];
}

export interface ChooseExamplesOptions {
  examples: readonly TrainingExample[];
  recipe: Pick<Recipe, "train" | "validation" | "steer">;
  /** Tokens that the model was made for. */
  contextLength: number;
}

/** Throws CONTEXT_OVERFLOW for an example that is too long, unless such are skipped, and CONFIG_INVALID where none is left to train on. */
export function chooseExamples({ examples, recipe, contextLength }: ChooseExamplesOptions): ChosenExamples {
  const { train: settings, validation, steer } = recipe;
  const used = steer.mode === "steer" ? examples.filter(({ kind }) => kind === "normal") : examples;
  const long = used.filter(
    (example) => example.tokens.length > contextLength || rowsOf(example) > settings.maxRows,
  );
  const [first] = long;
  if (first !== undefined && !settings.skipLong) {
    throw tooLong({ example: first, many: long.length, contextLength, maxRows: settings.maxRows });
  }
  const fitting = used.filter((example) => !long.includes(example));
  const kinds = (split: TrainingExample["split"], kind: TrainingExample["kind"]) =>
    fitting.filter((example) => example.split === split && example.kind === kind);
  const trainable = fitting.filter(({ split }) => split === "train");
  const mixed =
    settings.ratio === null
      ? null
      : mixByRatio({
          selfCorrections: kinds("train", "self-correction"),
          normal: kinds("train", "normal"),
          ratio: settings.ratio,
          rng: createRng({ seed: settings.seed, stream: MIX_STREAM }),
        });
  const train = mixed?.mixed ?? trainable;
  if (train.length === 0) throw nothingLeft({ recipe, examples: examples.length, skipped: long.length });
  const held = fitting.filter(({ split }) => split === "validation");
  const order = createRng({ seed: settings.seed, stream: VALIDATION_STREAM });
  return {
    train,
    validation: shuffle(held, order).slice(0, validation.examples),
    mix: mixed?.counts ?? null,
    skipped: long.map(({ id }) => id),
  };
}

function tooLong({
  example,
  many,
  contextLength,
  maxRows,
}: {
  example: TrainingExample;
  many: number;
  contextLength: number;
  maxRows: number;
}): CountersteerError {
  const tokens = example.tokens.length;
  const byContext = tokens > contextLength;
  return new CountersteerError("CONTEXT_OVERFLOW", {
    what: `Example ${example.id} has ${tokens} tokens${many === 1 ? "" : `, and ${many - 1} more are too long`}.`,
    why: byContext
      ? `The model was made for ${contextLength}.`
      : `A pass of the training holds ${maxRows} rows, one less than the tokens that they predict.`,
    todo: `Leave such examples out by --skip-long, or shorten them${byContext ? "" : ", or give a larger --max-rows"}.`,
    facts: { example: example.id, tokens, contextLength, maxRows, examples: many },
  });
}

function nothingLeft({
  recipe,
  examples,
  skipped,
}: {
  recipe: ChooseExamplesOptions["recipe"];
  examples: number;
  skipped: number;
}): CountersteerError {
  const { steer, train } = recipe;
  return new CountersteerError("CONFIG_INVALID", {
    what: "No example is left to train on.",
    why: `Of ${examples} examples ${skipped} are too long, and none of the others is in the split "train" and wanted by steering mode ${steer.mode}${train.ratio === null ? "" : ` and ratio ${train.ratio} %`}.`,
    todo: "Check the data by `countersteer finetune data`, or choose another mode or ratio.",
    facts: { examples, skipped, mode: steer.mode, ratio: train.ratio },
  });
}
