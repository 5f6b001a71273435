/** What the in-process engine does when something dies, is stopped or is damaged, and the parts of its contract that no invariant names. */
import { mkdtemp, open, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import type { CaptureRequest, Engine, GenerationRequest } from "../../src/engine/engine.ts";
import { unitRows, writeStandard } from "./support/dictionaries.ts";
import {
  addVector,
  captureOne,
  gather,
  generateOne,
  openEngine,
  sampling,
  scoreOne,
} from "./support/engine.ts";
import { loraFile } from "./support/lora.ts";
import { at, maxDifference } from "./support/numbers.ts";
import { chat, LAYER, tensor } from "./support/truth.ts";

const D_MODEL = 576;
const vector = tensor("add.vector");
let folder = "";
let relu = "";
let engine: Engine;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "countersteer-crash-"));
  const rows = unitRows(4, D_MODEL);
  relu = await writeStandard({
    folder: join(folder, "relu"),
    encoder: rows,
    bias: Float32Array.of(5, 5, 5, 5),
    decoder: rows,
  });
  engine = await openEngine({ weights: "fast" });
});
afterAll(async () => {
  await engine.close();
  await rm(folder, { recursive: true, force: true });
});

function requests(maxTokens: number): GenerationRequest[] {
  return [0, 1, 2, 3].map((index) => ({
    id: String(index),
    tokens: chat(index),
    sampling: sampling({ maxTokens, temperature: 0.8, seed: index }),
    intervention: addVector({ vector, strength: 10 }),
  }));
}

/** The process ids of an engine, which its interface leaves to the back end. */
function pidsOf(of: Engine): number[] {
  if (!("pids" in of) || !Array.isArray(of.pids)) throw new Error("this engine has no processes");
  return of.pids.map(Number);
}

describe("a killed engine process", () => {
  it("costs nothing: the results are those of an undisturbed run, and each token is told once", async () => {
    const wanted = await gather(engine.generate(requests(24)));
    const [before] = pidsOf(engine);
    let killed = false;
    const told = new Map<string, number[]>();
    const onToken = ({ id, token }: { id: string; token: number }) => {
      told.set(id, [...(told.get(id) ?? []), token]);
      if (!killed && (told.get(id)?.length ?? 0) === 6) {
        killed = true;
        process.kill(at(pidsOf(engine), 0), "SIGKILL");
      }
    };
    const found = await gather(engine.generate(requests(24), { onToken }));
    expect(killed).toBe(true);
    expect(pidsOf(engine)).not.toContain(before);
    expect(found.size).toBe(4);
    for (const [id, value] of wanted) {
      expect(found.get(id), id).toEqual(value);
      expect(told.get(id), id).toEqual(Array.from(value.tokens));
    }
  });

  it("does not leave a question without an answer", async () => {
    process.kill(at(pidsOf(engine), 0), "SIGKILL");
    const ids = await engine.tokenize("an omelette");
    expect(await engine.detokenize(ids)).toBe("an omelette");
  });

  it("that dies at the same job again is an ENGINE_CRASHED error, and the next job works", async () => {
    const killed = new Set<number>();
    const onToken = () => {
      const pid = at(pidsOf(engine), 0);
      if (!killed.has(pid)) process.kill(pid, "SIGKILL");
      killed.add(pid);
    };
    const generation = gather(engine.generate(requests(200).slice(0, 1), { onToken }));
    await expect(generation).rejects.toMatchObject({ code: "ENGINE_CRASHED" });
    expect(killed.size).toBe(2);
    expect((await gather(engine.generate(requests(2)))).size).toBe(4);
  });
});

describe("a stopped call", () => {
  it("is an ABORTED error, and the engine goes on working", async () => {
    const controller = new AbortController();
    const wanted = await gather(engine.generate(requests(8)));
    const generation = gather(
      engine.generate(requests(300), { signal: controller.signal, onToken: () => controller.abort() }),
    );
    await expect(generation).rejects.toMatchObject({ code: "ABORTED" });
    expect(await gather(engine.generate(requests(8)))).toEqual(wanted);
  });

  it("whose signal was raised before is ABORTED at once", async () => {
    const signal = AbortSignal.abort();
    await expect(
      gather(engine.score([{ id: "s", tokens: chat(0), from: 1 }], { signal })),
    ).rejects.toMatchObject({
      code: "ABORTED",
    });
  });

  it("a closed engine refuses instead of waiting for ever", async () => {
    const other = await openEngine({ weights: "fast", slots: 1 });
    const running = gather(other.generate(requests(300)));
    const refused = expect(running).rejects.toMatchObject({ code: "ABORTED" });
    await other.close();
    await refused;
    await expect(other.tokenize("a")).rejects.toMatchObject({ code: "ABORTED" });
    await expect(gather(other.generate(requests(1)))).rejects.toMatchObject({ code: "ABORTED" });
  });
});

describe("recordings and captures", () => {
  it.each([LAYER, 29])(
    "a recording at layer %i has the bits of a later capture of the same tokens",
    async (layer) => {
      const intervention = addVector({ vector, strength: 12, layer });
      const record = { layer, sae: relu, latents: [0, 1, 2, 3] };
      const { tokens, recorded } = await generateOne(engine, {
        tokens: chat(1),
        sampling: sampling(),
        intervention,
        record,
      });
      const fed = Int32Array.from([...chat(1), ...tokens.slice(0, -1)]);
      const what: CaptureRequest["what"] = { kind: "latents", sae: relu, latents: [0, 1, 2, 3] };
      const captured = await captureOne(engine, { tokens: fed, layer, what, intervention });
      expect(recorded?.length).toBe(fed.length * 4);
      expect(recorded).toEqual(captured);
      expect(captured.some((value) => value > 0)).toBe(true);
    },
  );

  it("an edit at the last layer shows in the captured rows and in the scores", async () => {
    const intervention = addVector({ vector, strength: 40, layer: 29 });
    const request = { tokens: chat(0), layer: 29, what: { kind: "rows" } } as const;
    const before = await captureOne(engine, request);
    const after = await captureOne(engine, { ...request, intervention });
    const moved = after.map((value, i) => value - at(before, i) - 40 * at(vector, i % D_MODEL));
    expect(after.length).toBe(chat(0).length * D_MODEL);
    expect(maxDifference(moved, new Float32Array(moved.length))).toBeLessThan(1e-3);
    const plain = await scoreOne(engine, { tokens: chat(0), from: 1 });
    const steered = await scoreOne(engine, { tokens: chat(0), from: 1, intervention });
    expect(maxDifference(plain, steered)).toBeGreaterThan(0.1);
  });

  it("a recording ends with the text where a stop string cuts it", async () => {
    const record = { layer: LAYER, sae: relu, latents: [2] };
    const stop = ["an omelette"];
    const cut = await generateOne(engine, {
      tokens: chat(0),
      sampling: sampling({ maxTokens: 20, stop }),
      record,
    });
    expect(cut.finish).toBe("stop-string");
    expect(cut.recorded?.length).toBe(chat(0).length + cut.tokens.length);
  });
});

describe("text", () => {
  it("stops before the stop string, and begins like the text without one", async () => {
    const whole = await generateOne(engine, { tokens: chat(0), sampling: sampling({ maxTokens: 20 }) });
    const stop = whole.text.slice(12, 17);
    const cut = await generateOne(engine, {
      tokens: chat(0),
      sampling: sampling({ maxTokens: 20, stop: ["never this", stop] }),
    });
    expect(cut.finish).toBe("stop-string");
    expect(cut.text).toBe(whole.text.slice(0, whole.text.indexOf(stop)));
    expect(Array.from(cut.tokens)).toEqual(Array.from(whole.tokens.slice(0, cut.tokens.length)));
  });

  it("is streamed as it is returned, token by token, with the offsets at which tokens begin", async () => {
    const events: { token: number; text: string }[] = [];
    const [result] = await gather(
      engine.generate([{ id: "a", tokens: chat(3), sampling: sampling() }], {
        onToken: ({ token, text }) => events.push({ token, text }),
      }),
    ).then((found) => [...found.values()]);
    expect(events.map(({ token }) => token)).toEqual(Array.from(result?.tokens ?? []));
    expect(events.at(-1)?.text).toBe(result?.text);
    for (const [i, offset] of (result?.offsets ?? []).entries()) {
      expect(result?.text.startsWith(events[i]?.text ?? "?")).toBe(true);
      expect(offset).toBe(i === 0 ? 0 : events[i - 1]?.text.length);
    }
    expect(await engine.detokenize(result?.tokens ?? new Int32Array(0))).toBe(result?.text);
  });
});

describe("damaged weights are MODEL_UNREADABLE", () => {
  it.each([
    { name: "cut in the header", bytes: 5000 },
    { name: "cut in the tensors", bytes: 50_000_000 },
  ])("$name", async ({ bytes }) => {
    const path = join(folder, "cut.gguf");
    await writeFile(path, await readFile(inject("modelPath")));
    await truncate(path, bytes);
    await expect(openEngine({ model: path })).rejects.toMatchObject({ code: "MODEL_UNREADABLE" });
  });

  it("no GGUF file at all, and a tensor whose type is none", async () => {
    const path = join(folder, "broken.gguf");
    await writeFile(path, "hello, I am a model");
    await expect(openEngine({ model: path })).rejects.toMatchObject({ code: "MODEL_UNREADABLE" });
    const bytes = await readFile(inject("modelPath"));
    await writeFile(path, bytes);
    const name = Buffer.from("blk.0.attn_q.weight");
    const file = await open(path, "r+");
    // the name, the number of dimensions, two dimensions, then the type
    await file.write(Buffer.from([250, 0, 0, 0]), 0, 4, bytes.indexOf(name) + name.length + 4 + 16);
    await file.close();
    await expect(openEngine({ model: path })).rejects.toMatchObject({ code: "MODEL_UNREADABLE" });
  });
});

describe("LoRA adapters", () => {
  async function adapter(name: string, content: Buffer | string): Promise<string> {
    const path = join(folder, name);
    await writeFile(path, content);
    return path;
  }

  it("one that adds zero changes no bit, another changes the scores, both beside a run without one", async () => {
    const nothing = await adapter("zero.gguf", loraFile({ scale: 0 }));
    const something = await adapter("some.gguf", loraFile({ scale: 3 }));
    const base = { tokens: chat(0), from: 1 };
    const found = await gather(
      engine.score([
        { id: "plain", ...base },
        { id: "zero", ...base, adapter: nothing },
        { id: "some", ...base, adapter: something },
        { id: "plain again", ...base },
      ]),
    );
    const plain = found.get("plain")?.logProbs ?? new Float32Array(0);
    expect(found.get("zero")?.logProbs).toEqual(plain);
    expect(found.get("plain again")?.logProbs).toEqual(plain);
    expect(maxDifference(found.get("some")?.logProbs ?? new Float32Array(0), plain)).toBeGreaterThan(0.01);
    const generation = { tokens: chat(0), sampling: sampling() };
    const without = await generateOne(engine, generation);
    expect((await generateOne(engine, { ...generation, adapter: nothing })).tokens).toEqual(without.tokens);
  });

  it.each([
    { name: "no GGUF file", content: () => "not an adapter" },
    { name: "an adapter of another width", content: () => loraFile({ scale: 1, inputs: 64 }) },
  ])("$name is refused, and the engine goes on", async ({ content }) => {
    const path = await adapter("wrong.gguf", content());
    const request = { tokens: chat(0), sampling: sampling({ maxTokens: 2 }) };
    await expect(generateOne(engine, { ...request, adapter: path })).rejects.toMatchObject({
      code: "MODEL_UNREADABLE",
    });
    expect((await generateOne(engine, request)).tokens.length).toBe(2);
  });
});
