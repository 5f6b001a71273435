/** Other people's work inside packages and beside them, which no lock file names. */

export interface InnerPart {
  name: string;
  /** The package, or another place, that brings it. */
  inside: string;
  licence: string;
  holder: string;
}

export const INNER_PARTS: readonly InnerPart[] = [
  {
    name: "llama.cpp and ggml (`libllama`, `libggml*`)",
    inside: "`@node-llama-cpp/*`",
    licence: "MIT",
    holder: "the ggml authors",
  },
  {
    name: "llamafile's matrix product (in `libggml-cpu-*`)",
    inside: "`@node-llama-cpp/*`",
    licence: "MIT",
    holder: "Mozilla Foundation",
  },
  {
    name: "nlohmann/json, cpp-httplib (in `libllama-common`, which we don't load)",
    inside: "`@node-llama-cpp/*`",
    licence: "MIT",
    holder: "Niels Lohmann; Yuji Hirose",
  },
  {
    name: "koffi's own library for each platform",
    inside: "`@koromix/koffi-*`",
    licence: "MIT",
    holder: "Niels Martignène",
  },
  {
    name: "resvg, in WebAssembly",
    inside: "`@resvg/resvg-wasm`",
    licence: "MPL-2.0",
    holder: "the resvg authors",
  },
  {
    name: "SQLite",
    inside: "Node (`node:sqlite`)",
    licence: "public domain",
    holder: "nobody",
  },
  {
    name: "Node and what it contains",
    inside: "the user's machine; in a checkout, the development dependency `node`",
    licence: "MIT, and those of its `LICENSE`",
    holder: "Node.js contributors",
  },
  {
    name: "vLLM, PyTorch, NumPy and safetensors",
    inside: "what `python/` asks of the user's Python; nothing of them is distributed",
    licence: "Apache-2.0; BSD-3-Clause; BSD-3-Clause; Apache-2.0",
    holder: "their authors",
  },
  {
    name: "SmolLM2-135M-Instruct (Q4_1)",
    inside: "a download of `countersteer pull`; not distributed",
    licence: "Apache-2.0",
    holder: "Hugging Face",
  },
];
