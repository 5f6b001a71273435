import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DICTIONARY_SIZE, dictionaryFiles } from "../../test/support/dictionary-files.ts";
import { drawFrom, mutate } from "../../test/support/mutate.ts";
import { saeRows } from "../../test/support/sae-data.ts";
import { type TemporaryFolder, temporaryFolder } from "../../test/support/temporary-folder.ts";
import { CountersteerError } from "../errors.ts";
import type { Dictionary } from "./dictionary.ts";
import { decodeRows, encodeRows } from "./encode.ts";
import { openDictionary } from "./open-dictionary.ts";
import { summariseWeights } from "./weight-summary.ts";

const FILES = 2000;
const MEMORY = 256 * 2 ** 20;
const { dModel: D, latents: L } = DICTIONARY_SIZE;
const row = saeRows().subarray(0, D);

/** Reads everything that can be read. Throws CountersteerError for a dictionary that can't. */
function readAll(path: string): Dictionary {
  const dictionary = openDictionary({ path });
  try {
    const acts = encodeRows({ dictionary, rows: row });
    expect(acts.length).toBe(L);
    expect(decodeRows({ dictionary, acts }).length).toBe(D);
    const block = { first: 0, count: L };
    const weights = [
      dictionary.encoderBlock(block),
      dictionary.directionBlock(block),
      dictionary.effectiveBiases(),
      dictionary.bDec(),
    ];
    expect(weights.map(({ length }) => length)).toEqual([L * D, L * D, L, D]);
    expect(weights.every((values) => values.every(Number.isFinite))).toBe(true);
    summariseWeights({ dictionary });
    dictionary.hash();
    return dictionary;
  } finally {
    dictionary.close();
  }
}

let temporary: TemporaryFolder;
beforeAll(async () => {
  temporary = await temporaryFolder();
});
afterAll(() => temporary[Symbol.asyncDispose]());

test(`each of ${FILES} damaged files is refused with a code, or read in its shape with finite weights`, async () => {
  const files = await dictionaryFiles(temporary.path);
  const wholes = [...files, ...files.filter(({ name }) => name === "goodfire")];
  const draw = drawFrom(20_260_206);
  const outcomes = new Map<string, { refused: number; read: number }>();
  const before = process.resourceUsage().maxRSS;

  for (let i = 0; i < FILES; i++) {
    const whole = wholes[i % wholes.length];
    if (whole === undefined) throw new Error("there is no dictionary to damage");
    const names = Object.keys(whole.files);
    // of two files the one with the tensors is damaged more often
    const damaged = names[draw(3) === 0 ? 0 : names.length - 1];
    const folder = join(temporary.path, String(i));
    mkdirSync(folder);
    for (const [name, bytes] of Object.entries(whole.files)) {
      writeFileSync(join(folder, name), name === damaged ? mutate({ bytes, draw }) : bytes);
    }
    const outcome = outcomes.get(whole.name) ?? { refused: 0, read: 0 };
    outcomes.set(whole.name, outcome);
    try {
      const { dModel, latents } = readAll(folder);
      expect([dModel, latents]).toEqual([D, L]);
      outcome.read += 1;
    } catch (error) {
      if (!(error instanceof CountersteerError)) {
        throw new Error(`file ${i} (${whole.name}, ${damaged})`, { cause: error });
      }
      expect(error.code).toMatch(/^SAE_/);
      outcome.refused += 1;
    }
  }

  // damage that nothing notices, or that everything does, would test nothing
  for (const { refused, read } of outcomes.values()) {
    expect(refused).toBeGreaterThan(20);
    expect(read).toBeGreaterThan(0);
  }
  expect((process.resourceUsage().maxRSS - before) * 1024).toBeLessThan(MEMORY);
}, 120_000);
