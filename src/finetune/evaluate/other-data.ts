/** Whether an adapter that was trained here was trained on the data that its restarts are held against. */
import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { parseYaml } from "../../model/parse-yaml.ts";

/** The part of a training's recipe that says what it learned from. */
const recipeSchema = z.object({
  provenance: z.object({ data: z.object({ file: z.string(), sha256: z.string() }) }),
});

/** The file that the adapter's recipe names, if it is another than `sha256`; null where it is that one, and where no recipe lies beside it. */
export async function otherData({
  adapter,
  sha256,
}: {
  /** A folder, or a file in one. */
  adapter: string;
  sha256: string;
}): Promise<string | null> {
  try {
    const folder = (await stat(adapter)).isDirectory() ? adapter : path.dirname(adapter);
    const recipe: unknown = parseYaml(await readFile(path.join(folder, "recipe.yaml"), "utf8"));
    const { data } = recipeSchema.parse(recipe).provenance;
    return data.sha256 === sha256 ? null : data.file;
  } catch {
    return null;
  }
}
