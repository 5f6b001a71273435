/** Trains a TopK or BatchTopK dictionary on rows from a source: open, run, take the weights. */
import { availableParallelism } from "node:os";
import { setImmediate } from "node:timers/promises";
import { CountersteerError } from "../../errors.ts";
import type { ActivationSource } from "./activation-source.ts";
import { meanNorm } from "./centre.ts";
import { findCheckpoint, readCheckpoint, writeCheckpoint } from "./checkpoint.ts";
import { KernelThreads } from "./kernel-threads.ts";
import { buildKernels } from "./kernels/build-kernels.ts";
import { planLayout } from "./layout.ts";
import { totalSteps } from "./schedule.ts";
import { type Progress, type StepContext, trainStep } from "./step.ts";
import type { StepReport, TrainedWeights, Trainer, TrainerOptions, TrainResult } from "./trainer-types.ts";
import { initialise, putWeights, viewsOf } from "./views.ts";
import { webAssembly } from "./wasm/web-assembly.ts";

const CHECKPOINT_ROWS = 500_000;

/**
 * With a folder that holds a checkpoint the training goes on from there: the source has to stand at that checkpoint's
 * position (`findCheckpoint`). Throws CONFIG_INVALID or STORE_CORRUPT.
 */
export async function openTrainer(options: TrainerOptions): Promise<Trainer> {
  const { settings, source, folder, workers = availableParallelism(), precision = "bfloat16" } = options;
  const layout = planLayout({ settings, dModel: source.dModel, threads: workers });
  const memory = new webAssembly.Memory({ initial: layout.pages, maximum: layout.pages, shared: true });
  const views = viewsOf({ memory: memory.buffer, layout });
  views.ints(layout.identityAt, layout.latents).forEach((_, latent, all) => {
    all[latent] = latent;
  });
  const found = folder === undefined ? null : await findCheckpoint({ folder });
  const progress: Progress =
    found === null
      ? { step: 0, scale: 0, threshold: 0, floor: 0 }
      : readCheckpoint({ path: found.path, layout, settings, views });
  const product = options.product({
    memory: memory.buffer,
    weightsAt: precision === "bfloat16" ? layout.encoderHalfAt : layout.encoder.at,
    precision,
    latents: layout.latents,
    rowsAt: layout.centredAt,
    totalRows: layout.rows,
    columns: layout.columns,
    outputAt: layout.productAt,
    blockRows: layout.blockRows,
    threads: workers,
  });
  try {
    const module = buildKernels({ layout, adam: settings });
    const threads = await KernelThreads.open({ module, memory, layout, threads: workers });
    const context = { settings, layout, views, threads, product, precision };
    if (found !== null) threads.run({ kernel: "refresh", to: layout.latents });
    return new RunningTrainer({ options, context, progress });
  } catch (error) {
    product.close();
    throw error;
  }
}

class RunningTrainer implements Trainer {
  readonly #options: TrainerOptions;
  readonly #context: StepContext;
  readonly #progress: Progress;
  #last: StepReport | null = null;
  #savedStep: number;

  constructor({
    options,
    context,
    progress,
  }: {
    options: TrainerOptions;
    context: StepContext;
    progress: Progress;
  }) {
    this.#options = options;
    this.#context = context;
    this.#progress = progress;
    this.#savedStep = progress.step;
  }

  get totalSteps(): number {
    return totalSteps(this.#options.settings);
  }

  get step(): number {
    return this.#progress.step;
  }

  async run({ signal }: { signal?: AbortSignal | undefined } = {}): Promise<TrainResult> {
    const { settings, source, onStep, checkpointRows = CHECKPOINT_ROWS } = this.#options;
    const stepsBetween = Math.max(1, Math.round(checkpointRows / settings.batchRows));
    // rows of a batch that was not finished are not trained on, so this is where a resumed run begins
    let position = source.position();
    let finished: TrainResult["finished"] = "complete";
    while (this.step < this.totalSteps) {
      const batch = signal?.aborted === true ? "aborted" : await this.#nextBatch({ source, signal });
      if (typeof batch === "string") {
        finished = batch;
        break;
      }
      this.#load(batch);
      this.#last = trainStep({ context: this.#context, progress: this.#progress });
      position = source.position();
      onStep?.(this.#last);
      if (this.step % stepsBetween === 0) await this.#save(position);
      // steps block this thread: whatever else waits has its turn between two of them
      await setImmediate();
    }
    await this.#save(position);
    return { finished, last: this.#last };
  }

  /** A whole batch, `[batchRows, d_model]`. */
  async #nextBatch({
    source,
    signal,
  }: {
    source: ActivationSource;
    signal: AbortSignal | undefined;
  }): Promise<Float32Array | "ended" | "aborted"> {
    const { batchRows } = this.#context.settings;
    const { dModel } = source;
    const batch = new Float32Array(batchRows * dModel);
    for (let have = 0; have < batchRows; ) {
      let rows: Float32Array;
      try {
        rows = await source.next({ max: batchRows - have, signal });
      } catch (error) {
        if (signal?.aborted === true) return "aborted";
        throw error;
      }
      if (rows.length === 0) return "ended";
      batch.set(rows, have * dModel);
      have += rows.length / dModel;
    }
    return batch;
  }

  #load(batch: Float32Array): void {
    const { settings, layout, views, threads } = this.#context;
    const { dModel, columns, latents } = layout;
    if (this.#progress.scale === 0) {
      const scale = settings.normaliseRows ? Math.sqrt(dModel) / meanNorm({ rows: batch, dModel }) : 1;
      if (!(Number.isFinite(scale) && scale > 0)) throw unusable();
      this.#progress.scale = Math.fround(scale);
      const { initial } = this.#options;
      if (initial === undefined)
        initialise({ views, layout, settings, rows: batch, scale: this.#progress.scale });
      else putWeights({ views, layout, initial, scale: this.#progress.scale });
      threads.run({ kernel: "refresh", to: latents });
    }
    const rows = views.floats(layout.centredAt, settings.batchRows * columns);
    if (columns === dModel) rows.set(batch);
    else {
      for (let row = 0; row < settings.batchRows; row++) {
        rows.set(batch.subarray(row * dModel, (row + 1) * dModel), row * columns);
      }
    }
  }

  async #save(position: unknown): Promise<void> {
    const { folder } = this.#options;
    if (folder === undefined || this.#savedStep === this.step) return;
    await writeCheckpoint({ ...this.#context, folder, progress: this.#progress, position });
    this.#savedStep = this.step;
  }

  weights(): TrainedWeights {
    const { settings, layout, views } = this.#context;
    const { dModel, columns, latents } = layout;
    const { scale, threshold } = this.#progress;
    const unpadded = (source: Float32Array): Float32Array => {
      const target = new Float32Array(latents * dModel);
      for (let latent = 0; latent < latents; latent++) {
        const at = latent * columns;
        target.set(source.subarray(at, at + dModel), latent * dModel);
      }
      return target;
    };
    // activations of unscaled rows are 1 / scale as large, with the same matrices
    const unscaled = (source: Float32Array): Float32Array =>
      Float32Array.from(source, (value) => value / scale);
    return {
      dModel,
      latents,
      encoder: unpadded(views.encoder),
      decoder: unpadded(views.decoder),
      encoderBias: unscaled(views.encoderBias),
      decoderBias: unscaled(views.decoderBias.subarray(0, dModel)),
      threshold: settings.variant === "batchtopk" ? threshold / scale : null,
    };
  }

  async close(): Promise<void> {
    await this.#context.threads.close();
    this.#context.product.close();
  }
}

function unusable(): CountersteerError {
  return new CountersteerError("TRAINING_DIVERGED", {
    what: "The first batch of activations has no finite mean norm.",
    why: "A row holds NaN or infinity, or all rows are zero.",
    todo: "Look at the layer and at the source of the activations.",
  });
}
