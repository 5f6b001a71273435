/**
 * Activations on disk, for people who train several dictionaries on the same rows: a safetensors file with `rows` `[n, d_model]`, and
 * `held_out` `[m, d_model]` where it was written here.
 */
import { CountersteerError } from "../errors.ts";
import { openSafetensors, type Safetensors } from "../sae/safetensors.ts";

/** The two parts of a file. */
export type ActivationPart = "rows" | "held_out";

export interface ActivationFile {
  readonly path: string;
  readonly dModel: number;
  readonly counts: Readonly<Record<ActivationPart, number>>;
  readonly metadata: Readonly<Record<string, string>>;
  /** Rows `[row, row + count)` of a part. */
  read(options: { part: ActivationPart; row: number; count: number }): Float32Array;
  close(): void;
}

/** Opens a file with a tensor `rows` `[n, d_model]` of F32, F16 or BF16, whoever wrote it. Throws SAE_UNREADABLE. */
export function openActivations({ path }: { path: string }): ActivationFile {
  const file = openSafetensors({ path });
  try {
    const [rows, dModel] = shapeOf({ file, part: "rows" });
    const [heldOut, columns] = file.tensors.has("held_out")
      ? shapeOf({ file, part: "held_out" })
      : [0, dModel];
    if (columns !== dModel || rows === 0) {
      throw unreadable({ path, why: `Its parts are [${rows}, ${dModel}] and [${heldOut}, ${columns}].` });
    }
    return {
      path,
      dModel,
      counts: { rows, held_out: heldOut },
      metadata: file.metadata,
      read: ({ part, row, count }) => file.readRows({ name: part, row, count }),
      close: () => file.close(),
    };
  } catch (error) {
    file.close();
    throw error;
  }
}

function shapeOf({ file, part }: { file: Safetensors; part: ActivationPart }): [number, number] {
  const { shape } = file.info(part);
  const [rows, columns] = shape;
  if (rows === undefined || columns === undefined || columns === 0 || shape.length !== 2) {
    throw unreadable({ path: file.path, why: `Its tensor "${part}" has the shape [${shape.join(", ")}].` });
  }
  return [rows, columns];
}

function unreadable({ path, why }: { path: string; why: string }): CountersteerError {
  return new CountersteerError("SAE_UNREADABLE", {
    what: `${path} holds no activations.`,
    why,
    todo: 'Give a safetensors file with a tensor "rows" of [n, d_model], both above 0.',
    facts: { path },
  });
}
