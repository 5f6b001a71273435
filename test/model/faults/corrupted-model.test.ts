/** A model file whose header lies, so that llama.cpp aborts: the engine process dies of it, and the program says why. */
import { readFile, writeFile } from "node:fs/promises";
import { expect, inject } from "vitest";
import { faultTest } from "../../support/faults/documented.ts";
import { toldBy } from "../../support/faults/told.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { runCli } from "../support/cli.ts";

faultTest({
  from: import.meta.url,
  title: "llama.cpp aborts at a damaged model",
  check: async (codes) => {
    await using folder = await temporaryFolder();
    const bytes = await readFile(inject("modelPath"));
    const key = Buffer.from("llama.block_count");
    // the key, four bytes of type, the number
    bytes.writeUInt32LE(0, bytes.indexOf(key) + key.length + 4);
    const model = `${folder.path}/damaged.gguf`;
    await writeFile(model, bytes);
    const args = [
      "steer",
      "hello",
      "--model",
      model,
      "--sae",
      "smollm2-135m-instruct.l15.8k",
      "--layer",
      "15",
    ];
    const flags = ["--latent", "3", "--workers", "1", "--cache-dir", `${folder.path}/cache`, "--json"];
    const result = await runCli({ args: [...args, ...flags] });
    const error = toldBy({ result, codes });
    if (error.code === "ENGINE_CRASHED") expect(error.why).toMatch(/Its last lines: \S+/);
  },
});
