/** Reads a LoRA adapter in GGUF. */
import { GGMLQuantizationType } from "@huggingface/gguf";
import { z } from "zod";
import { isCode } from "../../errors.ts";
import {
  type GgufMatrix,
  type GgufTensors,
  readGgufRows,
  readGgufTensors,
} from "../../model/gguf-tensors.ts";
import { bfloat16ToFloat32, float16ToFloat32 } from "../../sae/float-bits.ts";
import { adapterUnreadable, adapterUnsupported } from "./adapter-errors.ts";
import { checkSound } from "./check-adapter.ts";
import { adapterOf, type LoraAdapter } from "./lora-adapter.ts";
import { type FactorTensor, pairFactors } from "./pair-factors.ts";
import { parseGgufName } from "./tensor-names.ts";

export interface GgufAdapter extends LoraAdapter {
  /** Of the model that it belongs to. */
  architecture: string;
}

const metadataSchema = z.object({
  "general.type": z.literal("adapter"),
  "general.architecture": z.string().min(1),
  "adapter.type": z.literal("lora"),
  "adapter.lora.alpha": z.number().nonnegative().default(0),
});

/** Invocation words switch such an adapter on; llama.cpp leaves that to its caller. */
const ACTIVATED = "adapter.alora.invocation_tokens";

/** Throws MODEL_UNREADABLE, and MODEL_UNSUPPORTED naming what is more than plain LoRA. */
export async function readGgufLora({ path }: { path: string }): Promise<GgufAdapter> {
  const tensors = await open(path);
  const read = metadataSchema.safeParse(tensors.metadata);
  if (!read.success) {
    const keys = [...new Set(read.error.issues.map((issue) => String(issue.path[0])))];
    const why = `It is a GGUF file, but not that of a LoRA adapter: ${keys.join(", ")} missing or not as expected.`;
    throw adapterUnreadable({ path, why, facts: { keys } });
  }
  if (ACTIVATED in tensors.metadata) {
    throw adapterUnsupported({ path, why: `It has ${ACTIVATED}: it is an activated LoRA.` });
  }
  const { factors, rank } = await pairFactors({
    path,
    tensors: tensors.names.map((name) => factorTensor({ path, tensors, name })),
  });
  const alpha = read.data["adapter.lora.alpha"];
  // llama.cpp scales by 1 where alpha is 0
  const adapter = adapterOf({ factors, rank, alpha: alpha === 0 ? rank : alpha, dropout: 0 });
  checkSound({ adapter, path });
  return { ...adapter, architecture: read.data["general.architecture"] };
}

async function open(path: string): Promise<GgufTensors> {
  try {
    return await readGgufTensors({ path });
  } catch (cause) {
    if (!isCode(cause, "MODEL_UNREADABLE")) throw cause;
    throw adapterUnreadable({ path, why: cause.why, facts: cause.facts, cause });
  }
}

function factorTensor({
  path,
  tensors,
  name,
}: {
  path: string;
  tensors: GgufTensors;
  name: string;
}): FactorTensor {
  const matrix = tensors.find(name);
  if (matrix === undefined) throw adapterUnreadable({ path, why: `It has no tensor ${name}.` });
  const { rows, columns } = matrix;
  return { name, at: parseGgufName(name), rows, columns, read: () => floats({ path, matrix }) };
}

async function floats({ path, matrix }: { path: string; matrix: GgufMatrix }): Promise<Float32Array> {
  const { type, rows, name, typeName } = matrix;
  const { buffer } = await readGgufRows({ path, matrix, start: 0, count: rows });
  if (type === GGMLQuantizationType.F32) return new Float32Array(buffer);
  if (type === GGMLQuantizationType.F16) return float16ToFloat32(new Uint16Array(buffer));
  if (type === GGMLQuantizationType.BF16) return bfloat16ToFloat32(new Uint16Array(buffer));
  const why = `Its tensor ${name} is stored as ${typeName}; f32, f16 and bf16 are read.`;
  throw adapterUnsupported({ path, why, facts: { tensor: name, type: typeName } });
}
