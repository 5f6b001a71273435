/** Reads an adapter that Hugging Face PEFT wrote. */
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { CountersteerError, messageOf } from "../../errors.ts";
import { openSafetensors, type Safetensors } from "../../sae/safetensors.ts";
import { adapterUnreadable, adapterUnsupported } from "./adapter-errors.ts";
import { type BaseModel, interleavedHeads } from "./base-model.ts";
import { checkSound } from "./check-adapter.ts";
import { adapterOf, type LoraAdapter } from "./lora-adapter.ts";
import { pairFactors } from "./pair-factors.ts";
import {
  alphaOf,
  PEFT_CONFIG,
  PEFT_WEIGHTS,
  type PeftConfig,
  peftConfigSchema,
  unsupportedField,
} from "./peft-config.ts";
import { interleaveHalves } from "./rope-rows.ts";
import { parsePeftName } from "./tensor-names.ts";

/** Configurations are a kilobyte; a file above this is another one. */
const MOST_BYTES = 2 ** 20;

export interface ReadPeftOptions {
  dir: string;
  model: Pick<BaseModel, "rotation" | "heads">;
}

/** Factors in GGUF's row order. Throws MODEL_UNREADABLE, and MODEL_UNSUPPORTED naming what is more than plain LoRA. */
export async function readPeft({ dir, model }: ReadPeftOptions): Promise<LoraAdapter> {
  const config = await readConfig(dir);
  const refused = unsupportedField(config);
  if (refused !== null) {
    const why = `Its ${PEFT_CONFIG} has ${refused.field} = ${JSON.stringify(refused.value)}.`;
    throw adapterUnsupported({ path: dir, why, facts: refused });
  }
  const { factors, rank } = await readWeights(dir);
  if (factors.length > 0 && rank !== config.r) {
    throw adapterUnreadable({
      path: dir,
      why: `Its configuration says rank ${config.r}, its weights ${rank}.`,
    });
  }
  const adapter = adapterOf({
    factors: factors.map((each) => {
      const heads = interleavedHeads({ model, matrix: each.matrix });
      if (heads === null) return each;
      if ((each.b.length / rank) % (2 * heads) !== 0) {
        const why = `The ${each.b.length / rank} rows of ${each.matrix} are not those of ${heads} heads.`;
        throw adapterUnreadable({ path: dir, why });
      }
      return { ...each, b: interleaveHalves({ values: each.b, heads, columns: rank }) };
    }),
    rank: config.r,
    alpha: alphaOf(config),
    dropout: config.lora_dropout,
  });
  checkSound({ adapter, path: dir });
  return adapter;
}

async function readConfig(dir: string): Promise<PeftConfig> {
  const path = join(dir, PEFT_CONFIG);
  let json: unknown;
  try {
    const { size } = await stat(path);
    if (size > MOST_BYTES) throw new Error(`it has ${size} bytes, and ${MOST_BYTES} are the most`);
    json = JSON.parse(await readFile(path, "utf8"));
  } catch (cause) {
    throw adapterUnreadable({ path: dir, why: `${PEFT_CONFIG}: ${messageOf(cause)}.`, cause });
  }
  const parsed = peftConfigSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw adapterUnreadable({ path: dir, why: `${PEFT_CONFIG}: ${z.prettifyError(parsed.error)}.` });
}

async function readWeights(dir: string): ReturnType<typeof pairFactors> {
  let file: Safetensors | null = null;
  try {
    const opened = openSafetensors({ path: join(dir, PEFT_WEIGHTS) });
    file = opened;
    return await pairFactors({
      path: dir,
      tensors: [...opened.tensors].map(([name, { shape }]) => {
        const [rows = 0, columns = 0] = shape;
        const isMatrix = shape.length === 2;
        return {
          name,
          at: isMatrix ? parsePeftName(name) : null,
          rows,
          columns,
          read: () => opened.readTensor(name),
        };
      }),
    });
  } catch (cause) {
    // the reader of tensors speaks of SAEs
    if (!(cause instanceof CountersteerError) || !cause.code.startsWith("SAE_")) throw cause;
    throw adapterUnreadable({ path: dir, why: `${cause.what} ${cause.why}`, facts: cause.facts, cause });
  } finally {
    file?.close();
  }
}
