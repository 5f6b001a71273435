/** ggml's graph operations that the training graph is made of, beyond those that the engine itself needs. */
import { native } from "./bindings.ts";
import { openLibraries } from "./libraries.ts";

function bind() {
  native();
  const { base } = openLibraries();
  const b = (signature: string) => base.func(signature);
  return {
    newTensor1d: b("void *ggml_new_tensor_1d(void *context, int type, int64 a)"),
    add: b("void *ggml_add(void *context, void *a, void *b)"),
    addInplace: b("void *ggml_add_inplace(void *context, void *a, void *b)"),
    subtract: b("void *ggml_sub(void *context, void *a, void *b)"),
    multiply: b("void *ggml_mul(void *context, void *a, void *b)"),
    divide: b("void *ggml_div(void *context, void *a, void *b)"),
    scaleBias: b("void *ggml_scale_bias(void *context, void *a, float scale, float bias)"),
    outProduct: b("void *ggml_out_prod(void *context, void *a, void *b)"),
    rmsNorm: b("void *ggml_rms_norm(void *context, void *a, float epsilon)"),
    rmsNormBack: b("void *ggml_rms_norm_back(void *context, void *gradient, void *input, float epsilon)"),
    silu: b("void *ggml_silu(void *context, void *a)"),
    swiglu: b("void *ggml_swiglu_split(void *context, void *gate, void *up)"),
    softmax: b("void *ggml_soft_max_ext(void *context, void *a, void *mask, float scale, float bias)"),
    softmaxBack: b(
      "void *ggml_soft_max_ext_back(void *context, void *gradient, void *output, float scale, float bias)",
    ),
    rope: b(
      "void *ggml_rope_ext(void *context, void *a, void *positions, void *factors, int dimensions, int mode, int trained, float base, float scale, float extrapolation, float attention, float fast, float slow)",
    ),
    ropeBack: b(
      "void *ggml_rope_ext_back(void *context, void *a, void *positions, void *factors, int dimensions, int mode, int trained, float base, float scale, float extrapolation, float attention, float fast, float slow)",
    ),
    getRows: b("void *ggml_get_rows(void *context, void *a, void *rows)"),
    getRowsBack: b("void *ggml_get_rows_back(void *context, void *gradient, void *rows, void *shape)"),
    concat: b("void *ggml_concat(void *context, void *a, void *b, int dimension)"),
    pad: b("void *ggml_pad(void *context, void *a, int p0, int p1, int p2, int p3)"),
    accumulate: b(
      "void *ggml_acc_inplace(void *context, void *a, void *b, size_t nb1, size_t nb2, size_t nb3, size_t offset)",
    ),
    set: b(
      "void *ggml_set_inplace(void *context, void *a, void *b, size_t nb1, size_t nb2, size_t nb3, size_t offset)",
    ),
    permute: b("void *ggml_permute(void *context, void *a, int x, int y, int z, int w)"),
    transpose: b("void *ggml_transpose(void *context, void *a)"),
    contiguous: b("void *ggml_cont(void *context, void *a)"),
    cast: b("void *ggml_cast(void *context, void *a, int type)"),
    reshape2d: b("void *ggml_reshape_2d(void *context, void *a, int64 x, int64 y)"),
    reshape3d: b("void *ggml_reshape_3d(void *context, void *a, int64 x, int64 y, int64 z)"),
    view3d: b(
      "void *ggml_view_3d(void *context, void *a, int64 x, int64 y, int64 z, size_t nb1, size_t nb2, size_t offset)",
    ),
    setInput: b("void ggml_set_input(void *tensor)"),
    setOutput: b("void ggml_set_output(void *tensor)"),
    tensorOverhead: b("size_t ggml_tensor_overhead()"),
    graphOverhead: b("size_t ggml_graph_overhead_custom(size_t size, bool grads)"),
    newAllocator: b("void *ggml_gallocr_new(void *buffer_type)"),
    freeAllocator: b("void ggml_gallocr_free(void *allocator)"),
    allocateGraph: b("bool ggml_gallocr_alloc_graph(void *allocator, void *graph)"),
    allocatorBytes: b("size_t ggml_gallocr_get_buffer_size(void *allocator, int buffer)"),
    clearBuffer: b("void ggml_backend_buffer_clear(void *buffer, uint8 value)"),
    bufferType: b("void *ggml_backend_get_default_buffer_type(void *backend)"),
  };
}

let bound: ReturnType<typeof bind> | null = null;

/** The bound operations; the first call loads the libraries. */
export function graphOps(): ReturnType<typeof bind> {
  bound ??= bind();
  return bound;
}
