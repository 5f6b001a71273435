/** The real program with bad input: it must end with a code, a reason and a way out, and never with exit code 0. */
import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { z } from "zod";

const program = fileURLToPath(new URL("../../bin/countersteer.js", import.meta.url));
const failure = z.object({
  error: z.object({ code: z.string(), what: z.string(), why: z.string(), todo: z.string() }),
});

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "countersteer-cli-"));
  await writeFile(path.join(folder, "empty.txt"), " \n");
  await writeFile(path.join(folder, "text.txt"), "The fog came in from the north.");
  await writeFile(path.join(folder, "broken.gguf"), "GGUF, or so it says");
  await writeFile(path.join(folder, "broken.safetensors"), "no header");
  await writeFile(path.join(folder, "prompts.txt"), "Explain how to tie a knot.\n");
  await writeFile(
    path.join(folder, "shared.yaml"),
    "prompts: { evaluation: prompts.txt, heldOut: prompts.txt }\n",
  );
});
afterAll(() => rm(folder, { recursive: true }));

function run(args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const env = { ...process.env, COUNTERSTEER_CACHE: inject("cacheDir") };
    execFile(process.execPath, [program, ...args], { cwd: folder, env }, (error, stdout, stderr) => {
      const code = typeof error?.code === "number" ? error.code : error === null ? 0 : -1;
      resolve({ code, stdout, stderr });
    });
  });
}

const engine = ["--workers", "1"];
const cases: [string, string, string[]][] = [
  ["no such command", "CONFIG_INVALID", ["stear", "hi"]],
  ["no such option", "CONFIG_INVALID", ["steer", "hi", "--latnet", "3"]],
  ["unknown model", "MODEL_UNKNOWN", ["steer", "hi", "--latent", "3", "--model", "gpt-17"]],
  ["unknown model to pull", "MODEL_UNKNOWN", ["pull", "gpt-17"]],
  ["missing model file", "MODEL_UNREADABLE", ["steer", "hi", "--latent", "3", "--model", "./no.gguf"]],
  ["broken model file", "MODEL_UNREADABLE", ["doctor", "--quick", "--model", "./broken.gguf"]],
  ["missing adapter", "MODEL_UNREADABLE", ["steer", "hi", "--latent", "3", "--adapter", "./no-such-folder"]],
  ["model as adapter", "MODEL_UNREADABLE", ["steer", "hi", "--latent", "3", "--adapter", "./broken.gguf"]],
  ["unknown SAE", "SAE_UNREADABLE", ["steer", "hi", "--latent", "3", "--sae", "./no-such-folder"]],
  ["broken vector", "SAE_UNREADABLE", ["steer", "hi", "--vector", "broken.safetensors", "--strength", "1"]],
  ["unknown latent", "LATENT_UNKNOWN", ["steer", "hi", "--latent", "99999", ...engine]],
  ["unknown latent to ablate", "LATENT_UNKNOWN", ["steer", "hi", "--ablate", "1,99999", ...engine]],
  ["unknown label", "LATENT_UNKNOWN", ["steer", "hi", "--label", "xyzzy", ...engine]],
  ["label that finds nothing", "LATENT_UNKNOWN", ["latents", "xyzzy"]],
  ["nothing to steer with", "CONFIG_INVALID", ["steer", "hi"]],
  ["two directions", "CONFIG_INVALID", ["steer", "hi", "--latent", "3", "--label", "dragon"]],
  ["layer out of range", "LAYER_OUT_OF_RANGE", ["steer", "hi", "--latent", "3", "--layer", "99", ...engine]],
  ["layer of another SAE", "SAE_MISMATCH", ["steer", "hi", "--latent", "3", "--layer", "4", ...engine]],
  ["empty prompt", "PROMPT_EMPTY", ["steer", "  ", "--latent", "3", ...engine]],
  [
    "prompt too long",
    "CONTEXT_OVERFLOW",
    ["steer", "hi ".repeat(400), "--latent", "3", "--context", "256", ...engine],
  ],
  ["a prompt in both sets", "CONFIG_INVALID", ["run", "shared.yaml", ...engine]],
  ["strength that is no number", "CONFIG_INVALID", ["steer", "hi", "--latent", "3", "--strength", "strong"]],
  ["positions that are none", "CONFIG_INVALID", ["steer", "hi", "--latent", "3", "--positions", "some"]],
  [
    "range past the end",
    "EDIT_NOT_APPLIED",
    ["steer", "hi", "--latent", "3", "--positions", "900:901", "--max-tokens", "4", ...engine],
  ],
  ["missing text file", "CONFIG_INVALID", ["capture", "no.txt", "--out", "out.safetensors"]],
  ["empty text file", "PROMPT_EMPTY", ["capture", "empty.txt", "--out", "out.safetensors"]],
  ["missing folder of the output", "CONFIG_INVALID", ["capture", "text.txt", "--out", "no/out.safetensors"]],
  [
    "unknown latent to capture",
    "LATENT_UNKNOWN",
    ["capture", "text.txt", "--out", "out.safetensors", "--latents", "99999", ...engine],
  ],
  [
    "layer to capture out of range",
    "LAYER_OUT_OF_RANGE",
    ["capture", "text.txt", "--out", "out.safetensors", "--layer", "30", ...engine],
  ],
];

describe("bad input on the command line", () => {
  it.each(cases)("%s: %s", async (_name, code, args) => {
    const { code: exit, stdout, stderr } = await run([...args, "--json"]);
    expect(exit, stderr).toBe(1);
    const { error } = failure.parse(JSON.parse(stdout));
    expect(error.code).toBe(code);
    expect(error.what).not.toBe("");
    expect(error.why).not.toBe("");
    expect(error.todo).not.toBe("");
  });

  it("tells a person the same on stderr, and writes nothing to stdout", async () => {
    const { code, stdout, stderr } = await run(["steer", "hi", "--latent", "99999", ...engine]);
    expect(code).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toMatch(
      /^error LATENT_UNKNOWN\n {2}what .*\n {2}why .*\n {2}what to do .*\n {2}more .*LATENT_UNKNOWN\.md\n$/,
    );
  });

  it("leaves nothing half-written", async () => {
    const files = await readdir(folder);
    const given = [
      "broken.gguf",
      "broken.safetensors",
      "empty.txt",
      "prompts.txt",
      "shared.yaml",
      "text.txt",
    ];
    expect(files.sort()).toEqual(given);
  });
});
