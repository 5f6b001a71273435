/** A loaded model: its dimensions, tokenizer and adapters. Lives in an engine process only. */
import { CountersteerError } from "../../errors.ts";
import { native, type Pointer } from "./bindings.ts";
import { CandidateBuffer, NativeGrammar } from "./native-grammar.ts";

export class NativeModel {
  readonly pointer: Pointer;
  readonly path: string;
  readonly dModel: number;
  readonly layers: number;
  readonly vocabulary: number;
  readonly contextLength: number;
  /** Whether plain text begins with the BOS token for this model. */
  readonly addsBos: boolean;
  /** True where every tensor lies in the process's own memory. */
  readonly onHost: boolean;
  readonly #vocab: Pointer;
  readonly #pieces: (Uint8Array | undefined)[];
  readonly #adapters = new Map<string, Pointer>();
  #candidates: CandidateBuffer | null = null;

  /** Loads with all layers on the CPU unless `gpuLayers` says otherwise. Throws MODEL_UNREADABLE. */
  constructor({ path, gpuLayers }: { path: string; gpuLayers: number }) {
    const n = native();
    const pointer: Pointer | null = n.loadModel(path, { ...n.modelParams(), n_gpu_layers: gpuLayers });
    if (pointer === null) {
      throw new CountersteerError("MODEL_UNREADABLE", {
        what: `llama.cpp can't load ${path}.`,
        why: "The file is damaged, or its architecture is not known to this llama.cpp.",
        todo: "Check the file's checksum, or convert the model again.",
        facts: { path },
      });
    }
    this.pointer = pointer;
    this.path = path;
    this.onHost = gpuLayers === 0;
    this.dModel = n.modelEmbedding(pointer);
    this.layers = n.modelLayers(pointer);
    this.contextLength = n.modelContext(pointer);
    this.#vocab = n.vocab(pointer);
    this.vocabulary = n.vocabSize(this.#vocab);
    this.addsBos = n.addsBos(this.#vocab);
    this.#pieces = new Array(this.vocabulary);
  }

  isEnd(token: number): boolean {
    return native().isEnd(this.#vocab, token);
  }

  /** Token ids of a text in which control tokens are recognised unless it is plain; no BOS is added (the chat template writes it). */
  tokenize({ text, plain }: { text: string; plain: boolean }): Int32Array {
    const bytes = new TextEncoder().encode(text);
    const out = new Int32Array(bytes.length + 16);
    const count = native().tokenize(this.#vocab, bytes, bytes.length, out, out.length, false, !plain);
    return out.slice(0, count);
  }

  /** UTF-8 bytes of one token; a control token has none. */
  piece(token: number): Uint8Array {
    const known = this.#pieces[token];
    if (known) {
      return known;
    }
    let buffer = new Uint8Array(64);
    let length: number = native().piece(this.#vocab, token, buffer, buffer.length, 0, false);
    if (length < 0) {
      buffer = new Uint8Array(-length);
      length = native().piece(this.#vocab, token, buffer, buffer.length, 0, false);
    }
    const piece = buffer.slice(0, length);
    this.#pieces[token] = piece;
    return piece;
  }

  /** A grammar at its start; the caller closes it. Throws REQUEST_INVALID. */
  grammar(text: string): NativeGrammar {
    this.#candidates ??= new CandidateBuffer(this);
    return new NativeGrammar({ text, vocab: this.#vocab, candidates: this.#candidates });
  }

  /** A LoRA adapter, loaded once. Throws MODEL_UNREADABLE. */
  adapter(path: string): Pointer {
    const known = this.#adapters.get(path);
    if (known !== undefined) {
      return known;
    }
    const pointer: Pointer | null = native().loadAdapter(this.pointer, path);
    if (pointer === null) {
      throw new CountersteerError("MODEL_UNREADABLE", {
        what: `llama.cpp can't load the adapter ${path}.`,
        why: "The file is no GGUF LoRA adapter, or it was made for another model.",
        todo: "Give a GGUF adapter of this very model.",
        facts: { path, model: this.path },
      });
    }
    this.#adapters.set(path, pointer);
    return pointer;
  }
}
