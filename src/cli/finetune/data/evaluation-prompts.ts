/** The prompts that must not be trained on. */
import { loadPrompts } from "../../../latents/prompt-set.ts";
import { assetPath } from "../../../sae/asset-path.ts";

/** Of the given files, else of the shipped sets. */
export async function loadEvaluationPrompts(files: readonly string[] | undefined): Promise<string[]> {
  const paths = files ?? ["evaluation", "held-out"].map((name) => assetPath(`prompts/${name}.txt`));
  return (await Promise.all(paths.map((path) => loadPrompts({ path })))).flat();
}
