/** What the folder and repository names of Gemma Scope say; its arrays carry nothing but numbers. */
import { hookOfLayer, pathParts } from "./hook-name.ts";
import { unsupported } from "./sae-errors.ts";

export interface GemmaNames {
  layer: number | null;
  hookName: string | null;
  modelName: string | null;
}

const LAYER = /^layer_(\d+)(?:_|$)/;
/** `gemma-scope-2b-pt-res`, and in the hub's own cache `models--google--gemma-scope-2b-pt-res`. */
const REPOSITORY = /gemma-scope-(\d+b)-(pt|it)-(\w+)/;
/** Sites that are no block's output, by what a folder or repository is called. */
const OTHER_SITES = /transcoder|crosscoder|(?:^|[-_])clt(?:[-_]|$)|mlp_out|attn_out|^embedding/;
const RESIDUAL_FOLDER = /^resid_post/;

function refuseSite({ path, value }: { path: string; value: string }) {
  return unsupported({
    path,
    field: "site",
    value,
    known: "the residual stream after a block (resid_post, -res)",
    todo: "Use the SAE of the residual stream at the same layer.",
  });
}

/** Throws SAE_UNSUPPORTED for a transcoder, and for an SAE of anything but the residual stream. */
export function gemmaNames({ path }: { path: string }): GemmaNames {
  const parts = pathParts(path);
  const other = parts.slice(0, 5).find((part) => OTHER_SITES.test(part));
  if (other !== undefined) throw refuseSite({ path, value: other });
  const [, size, kind, site] =
    parts.map((part) => REPOSITORY.exec(part)).find((match) => match !== null) ?? [];
  if (site !== undefined && site !== "res") throw refuseSite({ path, value: site });
  const number = parts.map((part) => LAYER.exec(part)?.[1]).find((found) => found !== undefined);
  const layer = number === undefined ? null : Number(number);
  const isResidual = site === "res" || parts.some((part) => RESIDUAL_FOLDER.test(part));
  return {
    layer,
    hookName: layer !== null && isResidual ? hookOfLayer(layer) : null,
    modelName: size === undefined ? null : `google/gemma-2-${size}${kind === "it" ? "-it" : ""}`,
  };
}
