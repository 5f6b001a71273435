/**
 * The header of a safetensors file: 8 bytes of length (little endian), JSON, then the tensors' bytes without holes.
 * Every offset is checked against the real file size here, so that later reads can't run past the end.
 */
import { z } from "zod";
import { CountersteerError } from "../errors.ts";
import { unreadable } from "./sae-errors.ts";

const BYTES_OF = { F64: 8, F32: 4, F16: 2, BF16: 2, I64: 8, I32: 4, I16: 2, I8: 1, U8: 1, BOOL: 1 } as const;
export type Dtype = keyof typeof BYTES_OF;

export interface TensorInfo {
  dtype: Dtype;
  shape: number[];
  /** Position of the first byte in the file, and one past the last. */
  begin: number;
  end: number;
}

export interface SafetensorsHeader {
  tensors: Map<string, TensorInfo>;
  metadata: Record<string, string>;
}

/** Longest header the format allows. */
export const MAX_HEADER_BYTES = 100_000_000;

const count = z.number().int().nonnegative().safe();
const entrySchema = z.object({
  dtype: z.string(),
  shape: z.array(count),
  data_offsets: z.tuple([count, count]),
});
const headerSchema = z.record(z.string(), z.unknown());
const metadataSchema = z.record(z.string(), z.string());

export function bytesOf(dtype: Dtype): number {
  return BYTES_OF[dtype];
}

function isDtype(name: string): name is Dtype {
  return Object.hasOwn(BYTES_OF, name);
}

function readEntry({
  path,
  name,
  value,
  dataStart,
}: {
  path: string;
  name: string;
  value: unknown;
  dataStart: number;
}): TensorInfo {
  const parsed = entrySchema.safeParse(value);
  if (!parsed.success) {
    const why = `The header's entry for tensor "${name}" is malformed: ${z.prettifyError(parsed.error)}.`;
    throw unreadable({ path, why, facts: { tensor: name } });
  }
  const { dtype, shape, data_offsets: offsets } = parsed.data;
  if (!isDtype(dtype)) {
    throw new CountersteerError("SAE_UNSUPPORTED", {
      what: `Tensor "${name}" of ${path} has the dtype ${dtype}.`,
      why: `Known dtypes are ${Object.keys(BYTES_OF).join(", ")}.`,
      todo: "Convert the file to F32, F16 or BF16.",
      facts: { path, tensor: name, dtype },
    });
  }
  const expected = shape.reduce((product, size) => product * size, BYTES_OF[dtype]);
  const found = offsets[1] - offsets[0];
  if (expected !== found) {
    throw unreadable({
      path,
      why: `Tensor "${name}" (${dtype} [${shape.join(", ")}]) needs ${expected} bytes, its offsets span ${found}.`,
      facts: { tensor: name, expectedBytes: expected, actualBytes: found },
    });
  }
  return { dtype, shape, begin: dataStart + offsets[0], end: dataStart + offsets[1] };
}

/** Tensors must cover the bytes after the header exactly: no overlap, no hole, no missing tail. */
function checkLayout({
  path,
  tensors,
  dataStart,
  fileBytes,
}: {
  path: string;
  tensors: Map<string, TensorInfo>;
  dataStart: number;
  fileBytes: number;
}): void {
  let next = dataStart;
  for (const [name, { begin, end }] of [...tensors].sort(
    (a, b) => a[1].begin - b[1].begin || a[1].end - b[1].end,
  )) {
    if (begin !== next) {
      const fault = begin < next ? "overlaps the one before it" : "leaves a hole before it";
      throw unreadable({
        path,
        why: `Tensor "${name}" ${fault}: it begins at byte ${begin}, not ${next}.`,
        facts: { tensor: name, expectedBegin: next, begin },
      });
    }
    next = end;
  }
  if (next !== fileBytes) {
    const fault = next > fileBytes ? "The file is truncated" : "The file has bytes that no tensor owns";
    throw unreadable({
      path,
      why: `${fault}: the header describes ${next} bytes, the file has ${fileBytes}.`,
      facts: { expectedBytes: next, actualBytes: fileBytes },
    });
  }
}

/** @param text the JSON part, @param dataStart position of the first tensor byte. Throws SAE_UNREADABLE or SAE_UNSUPPORTED. */
export function parseSafetensorsHeader({
  path,
  text,
  dataStart,
  fileBytes,
}: {
  path: string;
  text: string;
  dataStart: number;
  fileBytes: number;
}): SafetensorsHeader {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw unreadable({
      path,
      why: "Its header is not JSON.",
      facts: { headerBytes: dataStart - 8, fileBytes },
      cause,
    });
  }
  const entries = headerSchema.safeParse(json);
  if (!entries.success) throw unreadable({ path, why: "Its header is not a JSON object." });
  const { __metadata__: rawMetadata, ...rest } = entries.data;
  const metadata = metadataSchema.safeParse(rawMetadata ?? {});
  if (!metadata.success) throw unreadable({ path, why: "Its metadata is not a map of strings." });
  const tensors = new Map(
    Object.entries(rest).map(([name, value]) => [name, readEntry({ path, name, value, dataStart })] as const),
  );
  checkLayout({ path, tensors, dataStart, fileBytes });
  return { tensors, metadata: metadata.data };
}
