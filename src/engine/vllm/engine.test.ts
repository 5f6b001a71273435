import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { unitRows, writeStandard } from "../../../test/model/support/dictionaries.ts";
import { gather } from "../../../test/model/support/engine.ts";
import { toyClients } from "../../../test/support/vllm/toy-clients.ts";
import { D_MODEL, toyCompletion } from "../../../test/support/vllm/toy-model.ts";
import { PROMPT, served, toyAdd, toyRequest, toyRequests } from "../../../test/support/vllm/toy-requests.ts";
import type { ToyServer } from "../../../test/support/vllm/toy-server.ts";
import type { Engine, Intervention } from "../engine.ts";
import { steerSpecSchema } from "./protocol.ts";

const { server, client } = toyClients();

let folder = "";
let sae = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "countersteer-vllm-"));
  const rows = unitRows(3, D_MODEL);
  sae = await writeStandard({
    folder: join(folder, "a", "sae"),
    encoder: rows,
    bias: new Float32Array(3),
    decoder: rows,
  });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function clamp(latent: number): Intervention {
  return { layer: 1, positions: { kind: "all" }, edits: [{ kind: "clamp", sae, latent, value: 0 }] };
}

describe("what an engine gives", () => {
  it("every request is answered once, as the server computed it", async () => {
    const toy = await server();
    const requests = toyRequests(100);
    const found = await gather((await client([toy])).generate(requests));
    expect(found.size).toBe(100);
    for (const { id, tokens, sampling } of requests) {
      const { seed, temperature, maxTokens, stop } = sampling;
      const wanted = toyCompletion({
        prompt: [...tokens],
        seed,
        temperature,
        maxTokens,
        stop,
        spec: { protocol: 1 },
        model: "toy",
      });
      expect(found.get(id)).toMatchObject({ text: wanted?.text, finish: wanted?.finish, receipt: null });
      expect([...(found.get(id)?.tokens ?? [])]).toEqual(wanted?.tokens);
    }
    expect(toy.answered).toBe(100);
  });

  it("sampling goes over in full, so that no setting of the model's own fills a gap", async () => {
    const toy = await server();
    const sampling = {
      temperature: 0.7,
      topP: 0.9,
      topK: 40,
      minP: 0.05,
      repetitionPenalty: 1.2,
      seed: 2 ** 40 + 1,
      maxTokens: 5,
      stop: ["\n\n"],
    };
    await gather((await client([toy])).generate([toyRequest("one", { sampling })]));
    expect(toy.seen[0]?.body).toMatchObject({
      temperature: 0.7,
      top_p: 0.9,
      top_k: 40,
      min_p: 0.05,
      repetition_penalty: 1.2,
      seed: 2 ** 40 + 1,
      max_tokens: 5,
      stop: ["\n\n"],
    });
  });

  it("an intervention brings its receipt; a vector arrives bit by bit", async () => {
    const toy = await server();
    const vector = Float32Array.from({ length: D_MODEL }, (_, i) => Math.sin(i) * 1e-3);
    const intervention: Intervention = {
      layer: 2,
      positions: { kind: "range", start: 1, end: 4 },
      edits: [{ kind: "add", direction: { vector }, strength: -3.5 }],
    };
    const found = await gather((await client([toy])).generate([toyRequest("one", { intervention })]));
    expect(found.get("one")?.receipt).toMatchObject({ layer: 2, rowsEdited: 3, promptRows: 3 });
    const body = toy.seen[0]?.body as { vllm_xargs: { countersteer: string } };
    const spec = steerSpecSchema.parse(JSON.parse(body.vllm_xargs.countersteer));
    const [edit] = spec.intervention?.edits ?? [];
    if (edit?.kind !== "add" || !("vector" in edit.direction)) throw new Error("no vector");
    const sent = Buffer.from(edit.direction.vector, "base64");
    expect(sent).toEqual(Buffer.from(vector.buffer));
  });

  it("an intervention without edits is none, as in the other engine", async () => {
    const toy = await server();
    const nothing: Intervention = { layer: 1, positions: { kind: "all" }, edits: [] };
    const found = await gather(
      (await client([toy])).generate([toyRequest("one", { intervention: nothing }), toyRequest("two")]),
    );
    expect(found.get("one")?.text).toBe(found.get("two")?.text);
    expect(found.get("one")?.receipt).toBeNull();
  });

  it("captures, scores and divergences have the shapes that were asked for, with receipts", async () => {
    const toy = await server({ saes: [served("l1", sae)] });
    const engine = await client([toy]);
    const intervention = toyAdd();
    const captured = await gather(
      engine.capture([
        { id: "rows", tokens: PROMPT, layer: 1, what: { kind: "rows" }, intervention },
        { id: "two", tokens: PROMPT, layer: 1, what: { kind: "latents", sae, latents: [2, 0] } },
        { id: "all", tokens: PROMPT, layer: 1, what: { kind: "latents", sae, latents: [] } },
      ]),
    );
    expect(captured.get("rows")).toMatchObject({ rows: PROMPT.length, columns: D_MODEL });
    expect(captured.get("rows")?.receipt?.rowsEdited).toBe(PROMPT.length);
    expect(captured.get("two")?.values.length).toBe(PROMPT.length * 2);
    expect(captured.get("all")?.columns).toBe(3);
    const scored = await gather(engine.score([{ id: "s", tokens: PROMPT, from: 5, intervention }]));
    expect(scored.get("s")?.logProbs.length).toBe(PROMPT.length - 5);
    const moved = await gather(engine.divergence([{ id: "d", tokens: PROMPT, from: 5, intervention }]));
    expect(moved.get("d")?.kl.length).toBe(PROMPT.length - 5);
    expect(moved.get("d")?.receipt?.rowsEdited).toBe(PROMPT.length - 1);
  });

  it("a recording comes as rows of the latents that were named", async () => {
    const engine = await client([await server({ saes: [served("l1", sae)] })]);
    const record = { layer: 1, sae, latents: [0, 2] };
    const { recorded, tokens, finish } = [
      ...(await gather(engine.generate([toyRequest("one", { record })]))).values(),
    ][0] ?? { recorded: null, tokens: new Int32Array(0), finish: "length" };
    const fed = PROMPT.length + tokens.length - (finish === "length" ? 1 : 0);
    expect(recorded?.length).toBe(fed * 2);
  });

  it("text survives tokenize and detokenize", async () => {
    const engine = await client([await server()]);
    const tokens = await engine.tokenize("crème brûlée 🙂");
    expect(await engine.detokenize(tokens)).toBe("crème brûlée 🙂");
    expect(await engine.detokenize(new Int32Array(0))).toBe("");
  });

  it("a stream tells every token once and in order, and ends in the same generation", async () => {
    const engine = await client([await server()]);
    const told: { token: number; text: string }[] = [];
    const request = toyRequest("one", { intervention: toyAdd() });
    const streamed = await gather(
      engine.generate([request], { onToken: ({ token, text }) => told.push({ token, text }) }),
    );
    const plain = await gather(engine.generate([request]));
    expect(streamed.get("one")).toEqual(plain.get("one"));
    expect(told.map(({ token }) => token)).toEqual([...(plain.get("one")?.tokens ?? [])]);
    expect(told.at(-1)?.text).toBe(plain.get("one")?.text);
  });

  it("the manifest's part says what the servers are", async () => {
    const toy = await server({
      health: { model: { hash: "b".repeat(64), quantization: "fp8", weightType: "fp8" } },
    });
    const { info, build } = await client([toy], { inFlight: 7 });
    expect(info).toMatchObject({ fileHash: "b".repeat(64), weightType: "fp8", layers: 4, dModel: D_MODEL });
    expect(build).toMatchObject({
      engine: "vllm",
      vllm: "0.32.0",
      plugin: "0.1.0",
      workers: 1,
      slots: 7,
      torch: "2.13.0",
    });
  });
});

describe("dictionaries go by what is in them", () => {
  async function sentName(engine: Engine, toy: ToyServer): Promise<unknown> {
    await gather(engine.generate([toyRequest("one", { intervention: clamp(1) })]));
    const body = toy.seen.at(-1)?.body as { vllm_xargs: { countersteer: string } };
    const [edit] = steerSpecSchema.parse(JSON.parse(body.vllm_xargs.countersteer)).intervention?.edits ?? [];
    return edit?.kind === "clamp" ? edit.sae : null;
  }

  it("the server's name is found by hash among names of the same size", async () => {
    const mine = served("right", sae);
    const toy = await server({ saes: [{ ...mine, name: "wrong", hash: "0".repeat(64) }, mine] });
    expect(await sentName(await client([toy]), toy)).toBe("right");
  });

  it("below a shared folder the relative path is the name", async () => {
    const toy = await server({ saes: [served("a/sae", sae)], health: { saes: [] } });
    expect(await sentName(await client([toy], { saeRoot: folder }), toy)).toBe("a/sae");
  });

  it("one that no server has, or has with other files, is refused before it is used", async () => {
    const other = await server({ saes: [{ ...served("l1", sae), hash: "0".repeat(64) }] });
    for (const toy of [await server(), other]) {
      const engine = await client([toy]);
      const refused = { code: "SAE_UNREADABLE" };
      await expect(engine.requireSae(sae)).rejects.toMatchObject(refused);
      await expect(
        gather(engine.generate([toyRequest("one", { intervention: clamp(0) })])),
      ).rejects.toMatchObject(refused);
      expect(toy.seen).toEqual([]);
    }
  });

  it("one of another width is refused", async () => {
    const engine = await client([await server({ health: { model: { dModel: 16 } } })]);
    await expect(engine.requireSae(sae)).rejects.toMatchObject({ code: "SAE_MISMATCH" });
  });
});

describe("refusals", () => {
  it("the server's own come with their code, and are not asked again", async () => {
    const toy = await server({ saes: [served("l1", sae)] });
    const engine = await client([toy]);
    await expect(
      gather(engine.generate([toyRequest("one", { intervention: clamp(99) })])),
    ).rejects.toMatchObject({ code: "LATENT_UNKNOWN" });
    const past: Intervention = { ...toyAdd(), positions: { kind: "range", start: 400, end: 401 } };
    await expect(gather(engine.generate([toyRequest("two", { intervention: past })]))).rejects.toMatchObject({
      code: "EDIT_NOT_APPLIED",
    });
    expect(toy.seen.length).toBe(1);
  });

  it("an answer without the plug-in's proof is never taken for a steered one", async () => {
    const toy = await server({ fault: () => ({ kind: "plain" }) });
    const engine = await client([toy]);
    await expect(
      gather(engine.generate([toyRequest("one", { intervention: toyAdd() })])),
    ).rejects.toMatchObject({ code: "LIBRARY_MISMATCH" });
  });

  it("what can be seen here never reaches a server", async () => {
    const toy = await server();
    const engine = await client([toy]);
    const cases: [Parameters<typeof toyRequest>[1], string][] = [
      [{ tokens: new Int32Array(0) }, "PROMPT_EMPTY"],
      [{ tokens: Int32Array.of(257) }, "REQUEST_INVALID"],
      [{ tokens: new Int32Array(500) }, "CONTEXT_OVERFLOW"],
      [{ intervention: toyAdd(Number.NaN) }, "REQUEST_INVALID"],
      [{ intervention: { ...toyAdd(), layer: 4 } }, "LAYER_OUT_OF_RANGE"],
      [{ adapter: "nobody" }, "ADAPTER_MISMATCH"],
    ];
    for (const [part, code] of cases) {
      const run = async () => await gather(engine.generate([toyRequest("one", part)]));
      await expect(run()).rejects.toMatchObject({ code });
    }
    expect(toy.seen).toEqual([]);
  });

  it("an adapter goes as the name under which it is served", async () => {
    const adapters = [{ name: "resist", path: "/srv/resist", hash: "c".repeat(64) }];
    const toy = await server({ health: { adapters } });
    const engine = await client([toy]);
    const found = await gather(engine.generate([toyRequest("a", { adapter: "resist" }), toyRequest("b")]));
    expect(found.get("a")?.text).not.toBe(found.get("b")?.text);
    expect(engine.adapters).toEqual(adapters);
  });
});
