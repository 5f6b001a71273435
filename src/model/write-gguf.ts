/** Writes GGUF files tensor by tensor, so that a file may be larger than memory; whole or not at all. */
import { type GgufEntry, type GgufTensorPlan, ggufLayout } from "./gguf-layout.ts";
import { writeAll, writeWholeFile } from "./whole-file.ts";

export interface GgufTensorData extends GgufTensorPlan {
  /** The tensor's bytes in pieces, asked for when its turn has come. */
  pieces: () => Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

/** Throws DISK_FULL, RangeError where pieces are not as long as the tensor, and what the pieces throw. */
export async function writeGguf({
  path,
  metadata,
  tensors,
}: {
  path: string;
  metadata: Readonly<Record<string, GgufEntry>>;
  tensors: readonly GgufTensorData[];
}): Promise<void> {
  const layout = ggufLayout({ metadata, tensors });
  await writeWholeFile({
    path,
    async write(file) {
      await writeAll({ file, bytes: layout.header });
      for (const [i, { name, pieces }] of tensors.entries()) {
        const { bytes = 0, padding = 0 } = layout.tensors[i] ?? {};
        let written = 0;
        for await (const piece of pieces()) {
          await writeAll({ file, bytes: piece });
          written += piece.length;
        }
        if (written !== bytes) throw new RangeError(`tensor ${name}: ${written} bytes in place of ${bytes}`);
        await writeAll({ file, bytes: new Uint8Array(padding) });
      }
    },
  });
}
