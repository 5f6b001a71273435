/** Which format a path holds, from the names of the files that are there. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Dictionary } from "./dictionary.ts";
import { openGemmaScope } from "./gemma-scope.ts";
import { openGemmaScope2 } from "./gemma-scope-2.ts";
import { openGoodfire } from "./goodfire.ts";
import { unreadable } from "./sae-errors.ts";
import { openSaelens, WEIGHTS } from "./saelens.ts";
import { openSparsify, SPARSIFY_WEIGHTS } from "./sparsify.ts";

const NPZ = "params.npz";
const PARAMS = "params.safetensors";
const TORCH = /\.pth?$/;
const EXPECTED = `${WEIGHTS} or ${SPARSIFY_WEIGHTS} with cfg.json, ${NPZ}, ${PARAMS}, or one .pt file`;
/** Names that an answer lists. */
const LISTED = 12;

function openFolder(path: string): Dictionary {
  const names = readdirSync(path).toSorted();
  if (names.includes(WEIGHTS)) return openSaelens({ path });
  if (names.includes(SPARSIFY_WEIGHTS)) return openSparsify({ path });
  if (names.includes(NPZ)) return openGemmaScope({ path, weights: join(path, NPZ) });
  if (names.includes(PARAMS)) return openGemmaScope2({ path, weights: join(path, PARAMS) });
  const torch = names.filter((name) => TORCH.test(name));
  const [only] = torch;
  if (only !== undefined && torch.length === 1) return openGoodfire({ path, weights: join(path, only) });
  const shown = names.slice(0, LISTED).join(", ") + (names.length > LISTED ? ", ..." : "");
  throw unreadable({
    path,
    why:
      torch.length > 1
        ? `It holds ${torch.length} torch files (${torch.join(", ")}); name one of them.`
        : `No dictionary's files lie in it: ${EXPECTED}. It holds ${shown || "nothing"}.`,
    facts: { names: names.slice(0, LISTED) },
  });
}

function openFile(path: string): Dictionary {
  const name = basename(path);
  if (name.endsWith(".npz")) return openGemmaScope({ path, weights: path });
  if (TORCH.test(name)) return openGoodfire({ path, weights: path });
  if (name === PARAMS) return openGemmaScope2({ path, weights: path });
  if (name === WEIGHTS || name === SPARSIFY_WEIGHTS || name === "cfg.json") return openFolder(dirname(path));
  throw unreadable({ path, why: `Its name is none of a dictionary's files: ${EXPECTED}.` });
}

/** Opens an existing folder or file. Throws SAE_UNREADABLE where no format is recognised, and what the format's reader throws. */
export function openByFormat({ path }: { path: string }): Dictionary {
  if (!existsSync(path)) throw unreadable({ path, why: "It does not exist." });
  return statSync(path).isDirectory() ? openFolder(path) : openFile(path);
}
