/**
 * The engine process: holds the native model, so that a native crash ends this process and not the run. Speaks `protocol.ts` over IPC.
 * It ends when its parent goes away.
 */
import { CountersteerError, messageOf, toErrorRecord } from "../../errors.ts";
import { openDictionary } from "../../sae/open-dictionary.ts";
import { Batcher } from "./batcher.ts";
import { native } from "./bindings.ts";
import { endWithParent } from "./end-with-parent.ts";
import { LatentReader } from "./latent-reader.ts";
import { NativeContext } from "./native-context.ts";
import { NativeModel } from "./native-model.ts";
import type { FromHost, HostOptions, Job, ToHost } from "./protocol.ts";
import { Sampler } from "./sampler.ts";
import { textOf } from "./token-text.ts";

class Host {
  readonly #options: HostOptions;
  readonly #model: NativeModel;
  readonly #sampler: Sampler;
  readonly #readers = new Map<string, LatentReader>();
  /** One batcher for each adapter: llama.cpp applies adapters to a whole context. */
  readonly #batchers = new Map<string, Batcher>();
  #awake = false;

  constructor(options: HostOptions) {
    this.#options = options;
    this.#model = new NativeModel({ path: options.path, gpuLayers: options.gpuLayers });
    this.#sampler = new Sampler({ vocabulary: this.#model.vocabulary });
    const context = this.#newContext(null);
    this.#batchers.set("", this.#newBatcher(context));
    const n = native();
    send({
      type: "ready",
      ready: {
        dModel: this.#model.dModel,
        layers: this.#model.layers,
        vocabulary: this.#model.vocabulary,
        contextLength: this.#model.contextLength,
        addsBos: this.#model.addsBos,
        contextPerSlot: context.contextPerSlot,
        version: n.version(),
        libraries: n.files,
        system: n.systemInfo(),
      },
    });
  }

  add(job: Job): void {
    try {
      this.#batcherFor(job.request.adapter ?? null).add(job);
    } catch (error) {
      send({ type: "failed", key: job.key, error: toErrorRecord(asRefusal(error)) });
      return;
    }
    this.#wake();
  }

  cancel(keys: number[]): void {
    const set = new Set(keys);
    for (const batcher of this.#batchers.values()) {
      batcher.cancel(set);
    }
  }

  tokenize({ text, plain }: { text: string; plain: boolean }): Int32Array {
    return this.#model.tokenize({ text, plain });
  }

  detokenize(tokens: Int32Array): string {
    return textOf(Array.from(tokens, (token) => this.#model.piece(token)));
  }

  #newContext(adapter: string | null): NativeContext {
    const { slots, contextPerSlot, threads, cache, padLone } = this.#options;
    return new NativeContext({ model: this.#model, slots, contextPerSlot, threads, cache, adapter, padLone });
  }

  #newBatcher(context: NativeContext): Batcher {
    return new Batcher({
      model: this.#model,
      context,
      sampler: this.#sampler,
      reader: (sae) => this.#reader(sae),
      send,
    });
  }

  #batcherFor(adapter: string | null): Batcher {
    const known = this.#batchers.get(adapter ?? "");
    if (known) {
      return known;
    }
    const batcher = this.#newBatcher(this.#newContext(adapter));
    this.#batchers.set(adapter ?? "", batcher);
    return batcher;
  }

  #reader(sae: string): LatentReader {
    const known = this.#readers.get(sae);
    if (known) {
      return known;
    }
    const dictionary = openDictionary({ path: sae });
    if (dictionary.dModel !== this.#model.dModel) {
      throw new CountersteerError("SAE_MISMATCH", {
        what: `The SAE reads ${dictionary.dModel} numbers and the model's residual stream has ${this.#model.dModel}.`,
        why: "It was trained on another model.",
        todo: "Give an SAE of this model.",
        facts: { sae, saeDModel: dictionary.dModel, modelDModel: this.#model.dModel },
      });
    }
    const reader = new LatentReader({ dictionary, threads: this.#options.threads });
    this.#readers.set(sae, reader);
    return reader;
  }

  /** Runs turns until nothing is left, giving way to messages between them. */
  #wake(): void {
    if (this.#awake) {
      return;
    }
    this.#awake = true;
    const loop = () => {
      let busy = false;
      for (const batcher of this.#batchers.values()) {
        busy = batcher.turn() || busy;
      }
      if (busy) {
        setImmediate(loop);
      } else {
        this.#awake = false;
      }
    };
    setImmediate(loop);
  }
}

function send(message: FromHost): void {
  process.send?.(message);
}

function asRefusal(error: unknown): CountersteerError {
  return error instanceof CountersteerError
    ? error
    : new CountersteerError("ENGINE_CRASHED", {
        what: `The engine process failed: ${messageOf(error)}.`,
        why: "This error was not foreseen.",
        todo: "Report it with the model's name and the command.",
        cause: error,
      });
}

function quantize({ from, to, ftype, threads }: Extract<ToHost, { type: "quantize" }>): void {
  const n = native();
  const params = { ...n.quantizeParams(), ftype, nthread: threads, allow_requantize: true };
  const code: number = n.quantize(from, to, params);
  if (code !== 0) {
    throw new CountersteerError("MODEL_UNREADABLE", {
      what: `llama.cpp can't requantise ${from} (code ${code}).`,
      why: "The file is damaged, or there is no room for the copy.",
      todo: "Check the file and the free space in the cache folder, or use `--weights as-is`.",
      facts: { from, to, code },
    });
  }
}

let host: Host | null = null;

function handle(message: ToHost): void {
  switch (message.type) {
    case "open":
      host = new Host(message.options);
      break;
    case "quantize":
      quantize(message);
      send({ type: "quantized" });
      break;
    case "job":
      host?.add(message.job);
      break;
    case "cancel":
      host?.cancel(message.keys);
      break;
    case "tokenize":
      send({ type: "tokens", call: message.call, tokens: host?.tokenize(message) ?? new Int32Array(0) });
      break;
    case "detokenize":
      send({ type: "text", call: message.call, text: host?.detokenize(message.tokens) ?? "" });
      break;
    default:
      message satisfies never;
  }
}

// the parent is our own code, so its messages have the protocol's types
process.on("message", (message: ToHost) => {
  try {
    handle(message);
  } catch (error) {
    const call = "call" in message ? message.call : null;
    send({ type: "refused", error: toErrorRecord(asRefusal(error)), call });
  }
});
process.on("disconnect", () => process.exit(0));
endWithParent();
// Ctrl-C reaches the whole process group; the parent decides what is finished first
process.on("SIGINT", () => {});
