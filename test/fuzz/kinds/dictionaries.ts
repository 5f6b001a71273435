/** Dictionaries of every format. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { decodeRows, encodeRows } from "../../../src/sae/encode.ts";
import { openDictionary } from "../../../src/sae/open-dictionary.ts";
import { summariseWeights } from "../../../src/sae/weight-summary.ts";
import { DICTIONARY_SIZE, type DictionaryFiles, dictionaryFiles } from "../../support/dictionary-files.ts";
import { mutate } from "../../support/mutate.ts";
import { saeRows } from "../../support/sae-data.ts";
import type { Kind } from "../kind.ts";
import { mutateJson, mutateValue, type Value } from "../mutate-value.ts";
import { holds, same } from "../same.ts";

const { dModel: D, latents: L } = DICTIONARY_SIZE;

/** Everything that can be read of a dictionary has its shape and is finite. */
function readAll(path: string): void {
  const dictionary = openDictionary({ path });
  try {
    const rows = saeRows().subarray(0, D);
    const acts = encodeRows({ dictionary, rows });
    same([dictionary.dModel, dictionary.latents, acts.length], [D, L, L]);
    same(decodeRows({ dictionary, acts }).length, D);
    const block = { first: 0, count: L };
    const weights = [
      dictionary.encoderBlock(block),
      dictionary.directionBlock(block),
      dictionary.effectiveBiases(),
      dictionary.bDec(),
    ];
    same(
      weights.map(({ length }) => length),
      [L * D, L * D, L, D],
    );
    holds(
      weights.every((values) => values.every(Number.isFinite)),
      "all weights are finite",
    );
    summariseWeights({ dictionary });
    dictionary.hash();
  } finally {
    dictionary.close();
  }
}

function kindOf(name: string, input: string, isOurs: (files: DictionaryFiles) => boolean): Kind {
  return {
    name,
    input,
    right: "all weights can be read, are finite and have the dictionary's shape",
    codes: /^SAE_/,
    open: async (folder) => {
      const wholes = (await dictionaryFiles(folder)).filter(isOurs);
      return {
        wholes: wholes.length,
        read: async ({ whole, draw }) => {
          const files = wholes[whole]?.files ?? {};
          const names = Object.keys(files);
          // of two files the one with the tensors is damaged more often
          const damaged = draw === null ? null : names[draw(3) === 0 ? 0 : names.length - 1];
          const dir = join(folder, "it");
          rmSync(dir, { recursive: true, force: true });
          mkdirSync(dir);
          for (const [file, bytes] of Object.entries(files)) {
            const isHit = draw !== null && file === damaged;
            writeFileSync(join(dir, file), isHit ? damage({ file, bytes, draw }) : bytes);
          }
          readAll(dir);
          return null;
        },
      };
    },
  };
}

function damage({
  file,
  bytes,
  draw,
}: {
  file: string;
  bytes: Buffer;
  draw: Parameters<typeof mutate>[0]["draw"];
}) {
  if (!file.endsWith(".json")) return mutate({ bytes, draw });
  const text = bytes.toString("utf8");
  // what is parsed here is a file of ours
  return draw(4) === 0
    ? mutateJson(text, draw)
    : JSON.stringify(mutateValue(JSON.parse(text) as Value, draw));
}

const has = (ending: string) => (whole: DictionaryFiles) =>
  Object.keys(whole.files).some((file) => file.endsWith(ending));

export const saeSafetensors = kindOf(
  "sae-safetensors",
  "SAEs in safetensors with their configurations",
  has(".safetensors"),
);
export const saeNpz = kindOf("sae-npz", "SAEs in npz, packed and not", has(".npz"));
export const saePt = kindOf("sae-pt", "SAEs in pickled .pt files", has(".pt"));
