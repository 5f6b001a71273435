import { execFileSync } from "node:child_process";
import { closeSync, ftruncateSync, mkdirSync, openSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { safetensorsLayout } from "./safetensors-layout.ts";

const D = 4096;
const L = 65_536;
const USED = Array.from({ length: 30 }, (_, i) => (i * 2203 + 17) % L);
const LIMIT = 300 * 1e6;
const MAGIC = 0x04034b50;

interface LargeFile {
  path: string;
  /** Position of each matrix. */
  begins: Map<string, number>;
  /** Position of an encoder weight. */
  encoderAt: (latent: number, i: number) => number;
}

/** Weights that nobody writes are holes, which cost no disk. Weight `i` of the n-th used latent is `n + 1` for i = 0 and i = D - 1. */
function fill({ path, encoderAt }: LargeFile, size: number): void {
  const file = openSync(path, "r+");
  const bytes = Buffer.alloc(4);
  USED.forEach((latent, n) => {
    bytes.writeFloatLE(n + 1);
    for (const i of [0, D - 1]) writeSync(file, bytes, 0, 4, encoderAt(latent, i));
  });
  ftruncateSync(file, size);
  closeSync(file);
}

const answer = z.object({ values: z.array(z.number()), grown: z.number() });

function encoded(path: string): z.infer<typeof answer> {
  const output = execFileSync(process.execPath, ["test/support/encode-large.ts", path, ...USED.map(String)]);
  return answer.parse(JSON.parse(output.toString()));
}

/** Each latent sees rows of ones, so its value is the sum of its two weights. */
const EXPECTED = USED.map((_, n) => 2 * (n + 1));

test("30 latents of 65,536 x 4,096 take less than 300 MB, where an encoder row is spread over a gigabyte", async () => {
  await using folder = await temporaryFolder();
  const tensors = {
    W_dec: { dtype: "F32", shape: [L, D] },
    W_enc: { dtype: "F32", shape: [D, L] },
    b_dec: { dtype: "F32", shape: [D] },
    b_enc: { dtype: "F32", shape: [L] },
    threshold: { dtype: "F32", shape: [L] },
  } as const;
  const { header, begins, size } = safetensorsLayout({ tensors });
  const path = join(folder.path, "sae_weights.safetensors");
  writeFileSync(path, header);
  const config = {
    architecture: "jumprelu",
    d_in: D,
    d_sae: L,
    dtype: "float32",
    apply_b_dec_to_input: true,
  };
  writeFileSync(join(folder.path, "cfg.json"), JSON.stringify(config));
  const start = begins.get("W_enc") ?? 0;
  fill({ path, begins, encoderAt: (latent, i) => start + 4 * (i * L + latent) }, size);
  const { values, grown } = encoded(folder.path);
  expect(values).toEqual(EXPECTED);
  expect(grown).toBeLessThan(LIMIT);
}, 120_000);

test("so do 30 latents of an npz of that size, whose members are found without reading them", async () => {
  await using folder = await temporaryFolder();
  const at = join(folder.path, "layer_3");
  mkdirSync(at);
  const path = join(at, "params.npz");
  const arrays: [string, number[]][] = [
    ["W_enc", [D, L]],
    ["W_dec", [L, D]],
    ["b_enc", [L]],
    ["b_dec", [D]],
    ["threshold", [L]],
  ];
  const { pieces, size, starts } = largeNpz(arrays);
  const file = openSync(path, "w");
  for (const [position, bytes] of pieces) writeSync(file, bytes, 0, bytes.length, position);
  closeSync(file);
  const start = starts.get("W_enc") ?? 0;
  fill({ path, begins: starts, encoderAt: (latent, i) => start + 4 * (i * L + latent) }, size);
  const { values, grown } = encoded(path);
  expect(values).toEqual(EXPECTED);
  expect(grown).toBeLessThan(LIMIT);
}, 120_000);

/** What a stored npz has besides its numbers: headers at their positions, and the directory behind everything. */
function largeNpz(arrays: [string, number[]][]) {
  const pieces: [number, Buffer][] = [];
  const starts = new Map<string, number>();
  const directory: Buffer[] = [];
  let position = 0;
  for (const [name, shape] of arrays) {
    const member = Buffer.from(`${name}.npy`);
    const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
    const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${sizes}), }`.padEnd(117);
    const start = Buffer.from("\x93NUMPY\x01\x00\x76\x00", "latin1");
    const head = Buffer.concat([start, Buffer.from(`${text}\n`)]);
    const length = head.length + 4 * shape.reduce((product, part) => product * part, 1);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(MAGIC, 0);
    local.writeUInt32LE(length, 18);
    local.writeUInt32LE(length, 22);
    local.writeUInt16LE(member.length, 26);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt32LE(length, 20);
    central.writeUInt32LE(length, 24);
    central.writeUInt16LE(member.length, 28);
    central.writeUInt32LE(position, 42);
    directory.push(central, member);
    pieces.push([position, Buffer.concat([local, member, head])]);
    starts.set(name, position + local.length + member.length + head.length);
    position += local.length + member.length + length;
  }
  const whole = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(arrays.length, 8);
  end.writeUInt16LE(arrays.length, 10);
  end.writeUInt32LE(whole.length, 12);
  end.writeUInt32LE(position, 16);
  pieces.push([position, Buffer.concat([whole, end])]);
  return { pieces, starts, size: position + whole.length + end.length };
}
