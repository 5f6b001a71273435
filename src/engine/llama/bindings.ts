/**
 * The native functions that we call, and the struct layouts they need.
 * Layouts are those of the llama.cpp in `PINNED_PACKAGE_VERSION`; `layout-check.ts` proves them at load.
 */
import koffi from "koffi";
import { checkLayouts } from "./layout-check.ts";
import { openLibraries } from "./libraries.ts";

/** A native pointer as koffi hands it out; never looked into. */
export type Pointer = bigint;

const logCallbackType = koffi.proto("void cs_log_callback(int level, const char *text, void *user)");
export const evalCallbackType = koffi.proto("bool cs_eval_callback(void *tensor, bool ask, void *user)");

koffi.struct("cs_model_params", {
  devices: "void *",
  tensor_buft_overrides: "void *",
  n_gpu_layers: "int32",
  split_mode: "int",
  load_mode: "int",
  lazy_mode: "int",
  main_gpu: "int32",
  tensor_split: "void *",
  progress_callback: "void *",
  progress_callback_user_data: "void *",
  kv_overrides: "void *",
  vocab_only: "bool",
  check_tensors: "bool",
  use_extra_bufts: "bool",
  no_host: "bool",
  no_alloc: "bool",
  load_mtp: "bool",
});

koffi.struct("cs_context_params", {
  n_ctx: "uint32",
  n_batch: "uint32",
  n_ubatch: "uint32",
  n_seq_max: "uint32",
  n_rs_seq: "uint32",
  n_outputs_max: "uint32",
  n_outputs_max_per_seq: "uint32",
  n_threads: "int32",
  n_threads_batch: "int32",
  ctx_type: "int",
  rope_scaling_type: "int",
  pooling_type: "int",
  attention_type: "int",
  flash_attn_type: "int",
  rope_freq_base: "float",
  rope_freq_scale: "float",
  yarn_ext_factor: "float",
  yarn_attn_factor: "float",
  yarn_beta_fast: "float",
  yarn_beta_slow: "float",
  yarn_orig_ctx: "uint32",
  defrag_thold: "float",
  cb_eval: koffi.pointer(evalCallbackType),
  cb_eval_user_data: "void *",
  type_k: "int",
  type_v: "int",
  abort_callback: "void *",
  abort_callback_data: "void *",
  embeddings: "bool",
  offload_kqv: "bool",
  no_perf: "bool",
  op_offload: "bool",
  swa_full: "bool",
  kv_unified: "bool",
  samplers: "void *",
  n_samplers: "size_t",
  ctx_other: "void *",
});

koffi.struct("cs_quantize_params", {
  nthread: "int32",
  ftype: "int",
  output_tensor_type: "int",
  token_embedding_type: "int",
  allow_requantize: "bool",
  quantize_output_tensor: "bool",
  only_copy: "bool",
  pure: "bool",
  keep_split: "bool",
  dry_run: "bool",
  imatrix: "void *",
  kv_overrides: "void *",
  tt_overrides: "void *",
  prune_layers: "void *",
  max_buf_size: "size_t",
});

koffi.struct("cs_batch", {
  n_tokens: "int32",
  token: "void *",
  embd: "void *",
  pos: "void *",
  n_seq_id: "void *",
  seq_id: "void *",
  logits: "void *",
});

export const tokenDataType = koffi.struct("cs_token_data", { id: "int32", logit: "float", p: "float" });

koffi.struct("cs_token_data_array", {
  data: "void *",
  size: "size_t",
  selected: "int64",
  sorted: "bool",
});

koffi.struct("cs_ggml_init_params", {
  mem_size: "size_t",
  mem_buffer: "void *",
  no_alloc: "bool",
});

/** llama.cpp's `ggml_type` numbers of the weight and cache types that we name. */
export const GGML_TYPE = { f32: 0, f16: 1, q4_0: 2, q4_1: 3, q8_0: 8, i32: 26, bf16: 30 } as const;
/** llama.cpp's `llama_ftype` numbers for requantising. */
export const FTYPE = { f32: 0, f16: 1, q4_0: 2, q8_0: 7, bf16: 32 } as const;

function bind() {
  const { base, ggml, llama, folder, files } = openLibraries();
  const of =
    (library: typeof llama) =>
    (signature: string): ReturnType<typeof library.func> =>
      library.func(signature);
  const b = of(base);
  const g = of(ggml);
  const l = of(llama);
  const n = {
    folder,
    files,
    version: l("const char *llama_version()"),
    systemInfo: l("const char *llama_print_system_info()"),
    setLog: b("void ggml_log_set(cs_log_callback *callback, void *user)"),
    loadBackends: g("void ggml_backend_load_all_from_path(const char *path)"),
    backendInit: l("void llama_backend_init()"),
    modelParams: l("cs_model_params llama_model_default_params()"),
    contextParams: l("cs_context_params llama_context_default_params()"),
    quantizeParams: l("cs_quantize_params llama_model_quantize_default_params()"),
    quantize: l("uint32 llama_model_quantize(const char *from, const char *to, cs_quantize_params *params)"),
    loadModel: l("void *llama_model_load_from_file(const char *path, cs_model_params params)"),
    freeModel: l("void llama_model_free(void *model)"),
    modelEmbedding: l("int32 llama_model_n_embd(void *model)"),
    modelLayers: l("int32 llama_model_n_layer(void *model)"),
    modelContext: l("int32 llama_model_n_ctx_train(void *model)"),
    vocab: l("void *llama_model_get_vocab(void *model)"),
    vocabSize: l("int32 llama_vocab_n_tokens(void *vocab)"),
    addsBos: l("bool llama_vocab_get_add_bos(void *vocab)"),
    isEnd: l("bool llama_vocab_is_eog(void *vocab, int32 token)"),
    tokenize: l(
      "int32 llama_tokenize(void *vocab, const uint8 *text, int32 length, _Out_ int32 *tokens, int32 max, bool add_special, bool parse_special)",
    ),
    piece: l(
      "int32 llama_token_to_piece(void *vocab, int32 token, _Out_ uint8 *buffer, int32 length, int32 lstrip, bool special)",
    ),
    newContext: l("void *llama_init_from_model(void *model, cs_context_params params)"),
    freeContext: l("void llama_free(void *context)"),
    contextPerSequence: l("uint32 llama_n_ctx_seq(void *context)"),
    newBatch: l("cs_batch llama_batch_init(int32 tokens, int32 embd, int32 sequences)"),
    freeBatch: l("void llama_batch_free(cs_batch batch)"),
    decode: l("int32 llama_decode(void *context, cs_batch batch)"),
    logits: l("void *llama_get_logits(void *context)"),
    memory: l("void *llama_get_memory(void *context)"),
    removeSequence: l("bool llama_memory_seq_rm(void *memory, int32 sequence, int32 from, int32 to)"),
    copySequence: l("void llama_memory_seq_cp(void *memory, int32 from, int32 to, int32 start, int32 end)"),
    newGrammar: l("void *llama_sampler_init_grammar(void *vocab, const char *grammar, const char *root)"),
    applySampler: l("void llama_sampler_apply(void *sampler, cs_token_data_array *candidates)"),
    acceptToken: l("void llama_sampler_accept(void *sampler, int32 token)"),
    freeSampler: l("void llama_sampler_free(void *sampler)"),
    loadAdapter: l("void *llama_adapter_lora_init(void *model, const char *path)"),
    setAdapters: l(
      "int32 llama_set_adapters_lora(void *context, void **adapters, size_t count, float *scales)",
    ),
    tensorName: b("const char *ggml_get_name(void *tensor)"),
    tensorData: b("void *ggml_get_data(void *tensor)"),
    tensorBytes: b("size_t ggml_nbytes(void *tensor)"),
    tensorGet: b("void ggml_backend_tensor_get(void *tensor, _Out_ void *data, size_t offset, size_t size)"),
    tensorSet: b("void ggml_backend_tensor_set(void *tensor, const void *data, size_t offset, size_t size)"),
    init: b("void *ggml_init(cs_ggml_init_params params)"),
    free: b("void ggml_free(void *context)"),
    newTensor2d: b("void *ggml_new_tensor_2d(void *context, int type, int64 a, int64 b)"),
    mulMat: b("void *ggml_mul_mat(void *context, void *a, void *b)"),
    newGraph: b("void *ggml_new_graph_custom(void *context, size_t size, bool grads)"),
    buildForward: b("void ggml_build_forward_expand(void *graph, void *tensor)"),
    allocTensors: b("void *ggml_backend_alloc_ctx_tensors(void *context, void *backend)"),
    bufferOver: b("void *ggml_backend_cpu_buffer_from_ptr(void *memory, size_t size)"),
    placeTensor: b("int ggml_backend_tensor_alloc(void *buffer, void *tensor, void *address)"),
    freeBuffer: b("void ggml_backend_buffer_free(void *buffer)"),
    freeBackend: b("void ggml_backend_free(void *backend)"),
    typeTraits: b("void *ggml_get_type_traits(int type)"),
    initByType: g("void *ggml_backend_init_by_type(int type, const char *params)"),
    backendDevice: b("void *ggml_backend_get_device(void *backend)"),
    deviceRegistry: b("void *ggml_backend_dev_backend_reg(void *device)"),
    registryProc: b("void *ggml_backend_reg_get_proc_address(void *registry, const char *name)"),
    computeGraph: b("int ggml_backend_graph_compute(void *backend, void *graph)"),
  };
  checkLayouts({ model: n.modelParams(), context: n.contextParams(), quantize: n.quantizeParams() });
  const quiet = koffi.register(() => undefined, koffi.pointer(logCallbackType));
  n.setLog(quiet, null);
  n.loadBackends(folder);
  n.setLog(null, null);
  koffi.unregister(quiet);
  n.backendInit();
  return n;
}

export type Native = ReturnType<typeof bind>;
let bound: Native | null = null;

/** The bound functions; the first call loads the libraries and checks the layouts. */
export function native(): Native {
  bound ??= bind();
  return bound;
}

export const setThreadsType = koffi.proto("void cs_set_threads(void *backend, int threads)");
