/** Training data from nothing but the model itself: right answers unsteered, off-topic starts steered or borrowed. */
import type { Engine } from "../../engine/engine.ts";
import type { Dictionary } from "../../sae/dictionary.ts";
import { createRng } from "../../stats/rng.ts";
import { shuffle } from "../../stats/shuffle.ts";
import { type Assembled, assemble } from "./assemble.ts";
import { borrowStarts } from "./borrow-starts.ts";
import { keptGenerationSchema } from "./keep-generations.ts";
import { chooseAnswers, flawOfAnswer, generateAnswers, LONG, SHORT } from "./right-answers.ts";
import { openShelf } from "./shelf.ts";
import { calibrationShelfSchema, textScoreSchema } from "./span-judge.ts";
import type { Split } from "./split-prompts.ts";
import { steerStarts } from "./steer-starts.ts";
import { emptyTally, type Tally } from "./tally.ts";

/** Below and around thresholds (on the default model strengths of about 60 to 95). Beyond, most of what is off topic is no language either. */
export const DEFAULT_DOSES = [0.35, 0.4, 0.45, 0.5, 0.55] as const;

export interface OwnSourceOptions {
  engine: Engine;
  dictionary: Dictionary;
  layer: number;
  splits: ReadonlyMap<string, Split>;
  latents: readonly number[];
  labelOf: (latent: number) => string | undefined;
  doses: readonly number[];
  /** Share of the starts, 0-1, that are not steered but taken from answers to other prompts. */
  borrowed: number;
  selfCorrections: number;
  normal: number;
  /** Share of the normal answers, 0-1, that have the length of a trial's. */
  long: number;
  seed: number;
  /** Where generations and scores are kept, so that they are not made again. */
  workFolder: string;
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: OwnProgress) => void) | undefined;
}

export interface OwnProgress {
  stage: "answers" | "long answers" | "calibration" | "starts";
  done: number;
  total: number;
  /** Tokens generated in this call. */
  tokens: number;
}

export interface OwnData extends Assembled {
  tallies: Record<string, Tally>;
  /** null where nothing was steered. */
  meanNorm: number | null;
}

/** More starts than are wanted, since some find no answer or no clear restart. */
const SPARE = 1.06;
/** `each`: answers for one that is wanted, since some are dropped. A self-correction and a normal answer may share a short one. */
const WRITING = {
  answers: { style: SHORT, shelf: "answers", each: 1.3 },
  "long answers": { style: LONG, shelf: "longAnswers", each: 1.6 },
} as const;
/** Flaws of answers that may still begin well. */
const BORROWED = ["none", "too-long"];

/** Throws what the engine and the judge throw, and DISK_FULL. */
export async function makeOwnData(options: OwnSourceOptions): Promise<OwnData> {
  const { engine, splits, seed, selfCorrections, normal, signal, onProgress } = options;
  const prompts = [...splits.keys()];
  const shelves = await openShelves(options);
  let tokens = 0;
  try {
    const long = Math.round(options.long * normal);
    const write = (stage: "answers" | "long answers", wanted: number) => {
      const { style, shelf, each } = WRITING[stage];
      const rounds = Math.ceil((each * wanted) / prompts.length);
      return generateAnswers({
        engine,
        style,
        prompts,
        rounds,
        seed,
        shelf: shelves[shelf],
        signal,
        onGeneration: (count) => {
          tokens += count;
          onProgress?.({ stage, done: shelves[shelf].kept.size, total: rounds * prompts.length, tokens });
        },
      });
    };
    const candidates = await write("answers", Math.max(selfCorrections, normal - long));
    const { answers, tally } = chooseAnswers({ candidates });
    const longer = chooseAnswers({ candidates: await write("long answers", long) });
    const wanted = Math.ceil(selfCorrections * SPARE);
    const borrowed = borrowStarts({
      candidates: candidates.filter((each) => BORROWED.includes(flawOfAnswer(each) ?? "none")),
      prompts: prompts.filter((prompt) => answers.has(prompt)),
      count: Math.round(options.borrowed * wanted),
      seed,
    });
    const steered =
      borrowed.length >= wanted
        ? { starts: [], tally: emptyTally(), meanNorm: null }
        : await steerStarts({
            ...options,
            candidates,
            isWanted: (prompt) => answers.has(prompt),
            count: wanted - borrowed.length,
            shelves,
            onGeneration: (count) => {
              tokens += count;
            },
            onStage: ({ stage, done }) =>
              onProgress?.({ stage, done, total: wanted - borrowed.length, tokens }),
          });
    const assembled = assemble({
      starts: shuffle([...steered.starts, ...borrowed], createRng({ seed, stream: 3 })),
      answers,
      longAnswers: longer.answers,
      splits,
      selfCorrections,
      normal,
      long,
      seed,
    });
    const tallies = {
      answers: tally,
      "long answers": longer.tally,
      starts: steered.tally,
      examples: assembled.tally,
    };
    return { ...assembled, tallies, meanNorm: steered.meanNorm };
  } finally {
    for (const shelf of Object.values(shelves)) await shelf[Symbol.asyncDispose]();
  }
}

async function openShelves({
  engine,
  dictionary,
  layer,
  splits,
  latents,
  doses,
  seed,
  workFolder: folder,
}: OwnSourceOptions) {
  const { fileHash, weightType, weightMode } = engine.info;
  const plain = { model: [fileHash, weightType, weightMode], prompts: [...splits.keys()], seed };
  const steered = { ...plain, sae: [dictionary.hash(), layer], latents, doses };
  return {
    answers: await openShelf({ folder, name: "answers", value: keptGenerationSchema, settings: plain }),
    longAnswers: await openShelf({
      folder,
      name: "long-answers",
      value: keptGenerationSchema,
      settings: plain,
    }),
    starts: await openShelf({ folder, name: "starts", value: keptGenerationSchema, settings: steered }),
    scores: await openShelf({ folder, name: "scores", value: textScoreSchema, settings: steered }),
    calibrations: await openShelf({
      folder,
      name: "calibration",
      value: calibrationShelfSchema,
      settings: steered,
    }),
  };
}
