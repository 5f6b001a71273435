/**
 * One llama.cpp context: a key-value cache of dense slots, a batch, and the hook on the residual stream.
 * Every `decode` is laid out by the caller so that llama.cpp runs it as ONE sub-batch (PROTOTYPES.md: gaps between slots split it silently);
 * the hook then sees the rows in batch order, and a mismatch is an error, never a guess.
 */
import koffi from "koffi";
import { CountersteerError, messageOf } from "../../errors.ts";
import { evalCallbackType, GGML_TYPE, native, type Pointer } from "./bindings.ts";
import type { NativeModel } from "./native-model.ts";

export interface ContextOptions {
  model: NativeModel;
  /** Sequences that decode together. Two more are kept: one for scoring and capture, one to pad a lone row. */
  slots: number;
  contextPerSlot: number;
  threads: number;
  /** Key-value cache type: f32 for the exact mode. */
  cache: "f32" | "f16";
  adapter: string | null;
  /** Never compute a single row alone, nor the logits of a single one: float kernels do that by another routine. */
  padLone: boolean;
}

/** Rows of one layer's residual stream, `[rows, d_model]`, in batch order; written in place. Returns true where rows were changed. */
export type RowsHandler = (layer: number, rows: Float32Array) => boolean;

export interface DecodeOptions {
  /** Layers whose residual stream `onRows` wants. */
  layers: number[];
  onRows: RowsHandler | null;
  /** Stop computing after this layer's rows were handled; no logits come. */
  stopAfter?: number;
}

/** Rows that one decode may hold. */
const MAX_ROWS = 1024;
/** From this many rows of one sequence on, llama.cpp's CPU attention computes in tiles, which round otherwise than single rows do. */
export const TILE_ROWS = 64;
/** From this position on, attention of a lone row is split along the cache (512 cells after padding), which rounds otherwise too. */
const SPLIT_POSITION = 256;
/** Bytes that the logits of one decode may take: bounds how many rows can be outputs. */
const LOGIT_BYTES = 64 * 2 ** 20;

export class NativeContext {
  readonly slots: number;
  readonly contextPerSlot: number;
  /** Rows of one decode that may ask for logits. */
  readonly maxOutputs: number;
  /** Rows of one sequence in a decode: depends on the model alone, for how a prompt is cut decides its rounding. */
  readonly chunkRows: number;
  readonly scratchSlot: number;
  readonly #model: NativeModel;
  readonly #padLone: boolean;
  readonly #context: Pointer;
  readonly #memory: Pointer;
  readonly #batch: Record<string, unknown>;
  readonly #tokens: Int32Array;
  readonly #positions: Int32Array;
  readonly #wanted: Int8Array;
  readonly #sequences: Int32Array[];
  readonly #names = new Map<string, number>();
  readonly #views = new Map<string, Float32Array>();
  /** Copy of a layer's rows where they lie in a device's memory; on the CPU rows are edited in place. */
  readonly #copy: Float32Array | null;
  /** Output number of each row of the last decode. */
  readonly #outputs = new Int32Array(MAX_ROWS);
  #rows = 0;
  #current: DecodeOptions = { layers: [], onRows: null };
  #seen = new Map<number, number>();
  #failure: unknown = null;

  constructor({ model, slots, contextPerSlot, threads, cache, adapter, padLone }: ContextOptions) {
    const n = native();
    this.#model = model;
    // factors of an adapter are float whatever the weights are
    this.#padLone = padLone || adapter !== null;
    this.slots = slots;
    this.scratchSlot = slots;
    this.#copy = model.onHost ? null : new Float32Array(MAX_ROWS * model.dModel);
    const sequences = slots + 2;
    this.chunkRows = Math.min(MAX_ROWS, Math.floor(LOGIT_BYTES / (4 * model.vocabulary)));
    this.maxOutputs = Math.max(slots + 1, this.chunkRows);
    for (let layer = 0; layer < model.layers; layer++) {
      this.#names.set(`l_out-${layer}`, layer);
    }
    const callback = koffi.register(
      (tensor: Pointer, ask: boolean) => this.#onTensor(tensor, ask),
      koffi.pointer(evalCallbackType),
    );
    const context: Pointer | null = n.newContext(model.pointer, {
      ...n.contextParams(),
      n_ctx: contextPerSlot * sequences,
      n_batch: MAX_ROWS,
      n_ubatch: MAX_ROWS,
      n_seq_max: sequences,
      n_outputs_max: this.maxOutputs,
      n_outputs_max_per_seq: 0,
      n_threads: threads,
      n_threads_batch: threads,
      // flash attention casts a float32 cache to float16 (llama-graph.cpp), so the exact mode goes without
      flash_attn_type: cache === "f32" ? 0 : 1,
      type_k: GGML_TYPE[cache],
      type_v: GGML_TYPE[cache],
      cb_eval: callback,
      kv_unified: false,
    });
    if (context === null) {
      throw new CountersteerError("ENGINE_CRASHED", {
        what: `llama.cpp can't make a context of ${sequences} x ${contextPerSlot} tokens.`,
        why: "There is too little memory for the key-value cache.",
        todo: "Lower `--slots` or `--context`.",
        facts: { sequences, contextPerSlot },
      });
    }
    this.#context = context;
    this.#memory = n.memory(context);
    this.contextPerSlot = n.contextPerSequence(context);
    if (adapter !== null) {
      n.setAdapters(context, [model.adapter(adapter)], 1, Float32Array.of(1));
    }
    const batch = n.newBatch(MAX_ROWS, 0, 1);
    this.#batch = batch;
    const words = MAX_ROWS * 4;
    this.#tokens = new Int32Array(koffi.view(batch.token, words));
    this.#positions = new Int32Array(koffi.view(batch.pos, words));
    this.#wanted = new Int8Array(koffi.view(batch.logits, MAX_ROWS));
    new Int32Array(koffi.view(batch.n_seq_id, words)).fill(1);
    const pointers: Pointer[] = koffi.decode(batch.seq_id, koffi.array("void *", MAX_ROWS));
    this.#sequences = pointers.map((pointer) => new Int32Array(koffi.view(pointer, 4)));
  }

  /** Whether a row that would be alone in its batch needs a second one beside it, so that its bits are those it has in company. */
  needsCompanion(position: number): boolean {
    return this.#padLone || position >= SPLIT_POSITION;
  }

  /** Starts a new batch. */
  begin(): void {
    this.#rows = 0;
  }

  /** Adds a row; rows are numbered from 0 in the order of the pushes. */
  push(token: number, position: number, slot: number, wantLogits: boolean): void {
    const row = this.#rows++;
    this.#tokens[row] = token;
    this.#positions[row] = position;
    this.#wanted[row] = wantLogits ? 1 : 0;
    const sequence = this.#sequences[row];
    if (sequence) {
      sequence[0] = slot;
    }
  }

  /** Runs the batch. Throws what `onRows` threw, or MODEL_UNSUPPORTED where a wanted layer has no `l_out` tensor. */
  decode(options: DecodeOptions): void {
    this.#current = options;
    this.#seen.clear();
    this.#failure = null;
    if (options.layers.includes(this.#model.layers - 1)) {
      // the last block drops rows that are no outputs, and the hook must see all
      this.#wanted.fill(1, 0, this.#rows);
    }
    if (this.#padLone) {
      this.#pairOutput();
    }
    let outputs = 0;
    for (let row = 0; row < this.#rows; row++) {
      this.#outputs[row] = outputs;
      outputs += this.#wanted[row] ?? 0;
    }
    this.#batch.n_tokens = this.#rows;
    const code: number = native().decode(this.#context, this.#batch);
    if (this.#failure !== null) {
      throw this.#failure;
    }
    if (code !== 0) {
      throw new CountersteerError("ENGINE_CRASHED", {
        what: `llama_decode returned ${code} for a batch of ${this.#rows} rows.`,
        why: code === 1 ? "The key-value cache has no room for the batch." : "llama.cpp refused the batch.",
        todo: "Run again with a larger `--context`, and report it if it happens again.",
        facts: { code, rows: this.#rows },
      });
    }
    for (const layer of options.layers) {
      const rows = this.#seen.get(layer);
      if (rows === undefined) {
        throw new CountersteerError("MODEL_UNSUPPORTED", {
          what: `${this.#model.path} has no tensor named l_out-${layer}.`,
          why: `llama.cpp's graph of this architecture does not name block ${layer}'s output, so the residual stream can't be read or edited there.`,
          todo: "Use a model whose blocks name their output (Llama, Qwen, Gemma, Mistral families), or another layer.",
          facts: { layer, model: this.#model.path },
        });
      }
    }
  }

  /** The last block and the head see output rows only, so a lone output is a lone row there. */
  #pairOutput(): void {
    const wanted = this.#wanted.subarray(0, this.#rows);
    const first = wanted.indexOf(1);
    if (first >= 0 && wanted.lastIndexOf(1) === first && this.#rows > 1) {
      wanted[first === 0 ? 1 : 0] = 1;
    }
  }

  /** Logits of a row of the last decode that asked for them, `[vocabulary]`: a view that the next decode overwrites. */
  logits(row: number): Float32Array {
    const pointer: Pointer = native().logits(this.#context);
    const size = this.#model.vocabulary;
    const index = this.#outputs[row] ?? 0;
    const all = this.#view(pointer, this.maxOutputs * size);
    return all.subarray(index * size, (index + 1) * size);
  }

  clear(slot: number): void {
    this.truncate(slot, 0);
  }

  /** Forgets a sequence from position `length` on. */
  truncate(slot: number, length: number): void {
    native().removeSequence(this.#memory, slot, length === 0 ? -1 : length, -1);
  }

  /** Moves a sequence to another slot, so that used slots stay dense. */
  move(from: number, to: number): void {
    this.copy(from, to);
    this.clear(from);
  }

  /** Gives another slot all that this one has in the cache. */
  copy(from: number, to: number): void {
    this.clear(to);
    native().copySequence(this.#memory, from, to, -1, -1);
  }

  close(): void {
    native().freeBatch(this.#batch);
    native().freeContext(this.#context);
  }

  /** Views are kept by address: making one for each step would leave the old ones to the garbage collector. */
  #view(pointer: Pointer, length: number): Float32Array {
    const key = `${pointer}:${length}`;
    let view = this.#views.get(key);
    if (!view) {
      if (this.#views.size > 64) {
        this.#views.clear();
      }
      view = new Float32Array(koffi.view(pointer, length * 4));
      this.#views.set(key, view);
    }
    return view;
  }

  #handle(tensor: Pointer, layer: number, length: number, onRows: RowsHandler): void {
    const n = native();
    if (this.#copy === null) {
      onRows(layer, this.#view(n.tensorData(tensor), length));
      return;
    }
    const rows = this.#copy.subarray(0, length);
    n.tensorGet(tensor, rows, 0, length * 4);
    if (onRows(layer, rows)) {
      n.tensorSet(tensor, rows, 0, length * 4);
    }
  }

  #onTensor(tensor: Pointer, ask: boolean): boolean {
    const { layers, onRows, stopAfter } = this.#current;
    if (layers.length === 0 || onRows === null) {
      return false;
    }
    const layer = this.#names.get(native().tensorName(tensor));
    if (ask) {
      return layer !== undefined && layers.includes(layer);
    }
    if (layer === undefined) {
      return true;
    }
    // an exception must not cross the native frames: it is kept and thrown after the decode
    try {
      const bytes = Number(native().tensorBytes(tensor));
      const rows = bytes / 4 / this.#model.dModel;
      if (rows !== this.#rows || this.#seen.has(layer)) {
        throw new CountersteerError("EDIT_NOT_APPLIED", {
          what: `Layer ${layer} showed ${rows} rows where the batch has ${this.#rows}.`,
          why: "llama.cpp split the batch, so rows can't be matched with requests.",
          todo: "Report this with the model's name: it is a defect of Countersteer.",
          facts: { layer, rows, expected: this.#rows },
        });
      }
      this.#seen.set(layer, rows);
      this.#handle(tensor, layer, rows * this.#model.dModel, onRows);
      return layer !== stopAfter;
    } catch (error) {
      this.#failure = error instanceof Error ? error : new Error(messageOf(error));
      return false;
    }
  }
}
