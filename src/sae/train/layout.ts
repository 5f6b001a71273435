/** Where everything of a training run lies in the one shared memory. Offsets are in bytes. */
import { CountersteerError } from "../../errors.ts";
import type { TrainSettings } from "./settings.ts";

/** Rows padded to this many numbers: kernels need no remainder, and ggml's fast product asks for it. */
const COLUMN_MULTIPLE = 32;
const ALIGNMENT = 64;
const PAGE = 65_536;
const MAX_PAGES = 65_536;
/** Output of one block of the dense product: small enough to stay in a cache until it is searched. */
const BLOCK_BYTES = 8 * 2 ** 20;
/** Rows of a block are a power of two from here on. */
const LEAST_BLOCK = 32;
/** `batchtopk` keeps at most this many times k latents of a row. */
const BATCH_TOPK_ROOM = 8;
/** Rows, and latents, that a thread takes at a time. Sums over a chunk are kept apart, so results don't know the threads. */
export const CHUNK = 32;

/** Active latents of rows: row i owns `[i * room, i * room + count[i])`, ascending, padded to a multiple of 4 by zeros. */
export interface ActiveList {
  /** Entries that a row can have, and their number with padding. */
  most: number;
  room: number;
  latentAt: number;
  valueAt: number;
  /** Gradient with respect to the pre-activation. */
  gradientAt: number;
  countAt: number;
  /** The same entries by latent: latent k owns `[start[k], end[k])`, rows ascending. */
  startAt: number;
  endAt: number;
  byLatentRowAt: number;
  byLatentValueAt: number;
  byLatentGradientAt: number;
  /** `[rows, columns]`: error of the reconstruction by these latents. */
  errorAt: number;
  /** `[rows]`: its squared norm. */
  squaredErrorAt: number;
}

export interface Layout {
  dModel: number;
  columns: number;
  latents: number;
  rows: number;
  blockRows: number;
  /** Adam triples: the weights, then first and second moment directly behind, each of `size` floats. */
  encoder: { at: number; size: number };
  decoder: { at: number; size: number };
  encoderBias: { at: number; size: number };
  decoderBias: { at: number; size: number };
  /** `[latents]` int32: the step at which it was last active. */
  lastActiveAt: number;
  /** Everything up to here is the state of the training. */
  stateBytes: number;
  /** `[latents, columns]` bfloat16 copy of the encoder. */
  encoderHalfAt: number;
  /** `[latents]` norms of its rows, and of what they lose by rounding. */
  encoderNormAt: number;
  encoderRoundingAt: number;
  /** `[rows, columns]`: rows, scaled, less the decoder bias. */
  centredAt: number;
  /** `[rows]`: squared norms, and norms of what the rows lose by rounding to bfloat16. */
  squaredNormAt: number;
  rowRoundingAt: number;
  /** `[blockRows, latents]` */
  productAt: number;
  /** `[latents]` int32: 0, 1, 2, ... */
  identityAt: number;
  /** Latents that are dead at this step, with their biases and norms, and -Infinity after them. */
  deadAt: number;
  deadBiasAt: number;
  deadNormAt: number;
  main: ActiveList;
  /** null if the auxiliary loss is off. */
  aux: ActiveList | null;
  /** `[rows / CHUNK, columns]` */
  rowSumsAt: number;
  errorSumsAt: number;
  /** `[latents / CHUNK, columns]` */
  biasSumsAt: number;
  /** `[latents]`: squared gradient norm. */
  squaredGradientAt: number;
  scratchAt: number;
  /** Of one thread. */
  scratchBytes: number;
  pages: number;
}

const multiple = (value: number, of: number): number => Math.ceil(value / of) * of;

function auxKOf({ settings, dModel }: { settings: TrainSettings; dModel: number }): number {
  return Math.min(settings.auxK ?? Math.max(1, Math.floor(dModel / 2)), settings.latents);
}

/** Throws CONFIG_INVALID if it does not fit 4 GiB. */
export function planLayout({
  settings,
  dModel,
  threads,
}: {
  settings: TrainSettings;
  dModel: number;
  threads: number;
}): Layout {
  const { latents, k, variant, batchRows, auxCoefficient } = settings;
  const columns = multiple(dModel, COLUMN_MULTIPLE);
  const fitting = 2 ** Math.floor(Math.log2(BLOCK_BYTES / 4 / latents));
  const blockRows = Math.max(
    LEAST_BLOCK,
    Math.min(fitting, 2 ** Math.ceil(Math.log2(Math.max(LEAST_BLOCK, batchRows)))),
  );
  const rows = multiple(batchRows, blockRows);
  let end = 0;
  const take = (bytes: number): number => {
    const at = end;
    end = multiple(at + bytes, ALIGNMENT);
    return at;
  };
  const floats = (count: number): number => take(4 * count);
  const triple = (size: number) => ({ at: floats(3 * size), size });
  const list = (most: number): ActiveList => {
    const room = multiple(most, 4);
    return {
      most,
      room,
      latentAt: floats(rows * room),
      valueAt: floats(rows * room),
      gradientAt: floats(rows * room),
      countAt: floats(rows),
      startAt: floats(latents + 1),
      endAt: floats(latents + 1),
      byLatentRowAt: floats(rows * room),
      byLatentValueAt: floats(rows * room),
      byLatentGradientAt: floats(rows * room),
      errorAt: floats(rows * columns),
      squaredErrorAt: floats(rows),
    };
  };
  const state = {
    encoder: triple(latents * columns),
    decoder: triple(latents * columns),
    encoderBias: triple(latents),
    decoderBias: triple(columns),
    lastActiveAt: floats(latents),
  };
  const stateBytes = end;
  const most = variant === "topk" ? k : Math.min(latents, BATCH_TOPK_ROOM * k);
  const work = {
    encoderHalfAt: take(2 * latents * columns),
    encoderNormAt: floats(latents),
    encoderRoundingAt: floats(latents),
    centredAt: floats(rows * columns),
    squaredNormAt: floats(rows),
    rowRoundingAt: floats(rows),
    productAt: floats(blockRows * latents),
    identityAt: floats(latents),
    deadAt: floats(latents),
    deadBiasAt: floats(latents),
    deadNormAt: floats(latents),
    main: list(most),
    aux: auxCoefficient > 0 ? list(auxKOf({ settings, dModel })) : null,
    rowSumsAt: floats((rows / CHUNK) * columns),
    errorSumsAt: floats((rows / CHUNK) * columns),
    biasSumsAt: floats(Math.ceil(latents / CHUNK) * columns),
    squaredGradientAt: floats(latents),
  };
  const scratchBytes = multiple(4 * (4 * latents + 2 * columns + 64), ALIGNMENT);
  const scratchAt = take(scratchBytes * threads);
  const pages = Math.ceil(end / PAGE);
  if (pages > MAX_PAGES) {
    throw new CountersteerError("CONFIG_INVALID", {
      what: `Training ${latents} latents of ${dModel} numbers in batches of ${batchRows} rows needs ${(end / 2 ** 30).toFixed(1)} GiB.`,
      why: "The memory of the kernels holds 4 GiB.",
      todo: "Use fewer latents, smaller batches, or `auxCoefficient` 0.",
      facts: { bytes: end },
    });
  }
  return {
    dModel,
    columns,
    latents,
    rows,
    blockRows,
    ...state,
    stateBytes,
    ...work,
    scratchAt,
    scratchBytes,
    pages,
  };
}
