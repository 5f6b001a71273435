/** Which block's output a dictionary was trained on, from the names that libraries and repositories give to the place. */

const BLOCK_OUTPUT = /^blocks\.(\d+)\.hook_resid_post$/;
/** What goes into a block is what came out of the one before. */
const BLOCK_INPUT = /^blocks\.(\d+)\.hook_resid_pre$/;
const HF_BLOCK_OUTPUT = /^model\.(?:language_model\.)?layers\.(\d+)(?:\.output)?$/;

/** What `layerOfHook` understands, in words. */
export const KNOWN_HOOKS =
  "blocks.N.hook_resid_post (a block's output), and hook_resid_pre of a block after the first";

export function hookOfLayer(layer: number): string {
  return `blocks.${layer}.hook_resid_post`;
}

/** The block whose output the hook reads; null where it reads anything else. Names of TransformerLens or of Hugging Face modules. */
export function layerOfHook(hook: string): number | null {
  const [, output] = BLOCK_OUTPUT.exec(hook) ?? HF_BLOCK_OUTPUT.exec(hook) ?? [];
  if (output !== undefined) return Number(output);
  const [, input] = BLOCK_INPUT.exec(hook) ?? [];
  return input === undefined || Number(input) === 0 ? null : Number(input) - 1;
}

/** The block number that a hook's name holds, whatever it reads there. */
export function blockOfHook(hook: string): number | null {
  const [, block] = /^blocks\.(\d+)\./.exec(hook) ?? [];
  return block === undefined ? null : Number(block);
}

/** The parts of a path, the last one first. */
export function pathParts(path: string): string[] {
  return path.split(/[\\/]/).filter(Boolean).toReversed();
}
