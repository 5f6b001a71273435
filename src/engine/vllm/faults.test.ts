/** Servers that fail, vanish, come back and come back as others: nothing is lost, doubled or invented (DESIGN.md 4, invariant 6). */
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { gather } from "../../../test/model/support/engine.ts";
import { toyClients } from "../../../test/support/vllm/toy-clients.ts";
import { openToy, toyAdd, toyRequest, toyRequests } from "../../../test/support/vllm/toy-requests.ts";
import { type ToyFault, type ToyServerOptions, toyHealth } from "../../../test/support/vllm/toy-server.ts";
import type { Generation } from "../engine.ts";

const { server, client } = toyClients();

/** What the same requests give where nothing goes wrong. */
async function wanted(count: number): Promise<Map<string, Generation>> {
  return await gather((await client([await server()])).generate(toyRequests(count)));
}

describe("what may pass is asked again", () => {
  const faults: [string, ToyFault][] = [
    ["500", { kind: "status", status: 500 }],
    ["503", { kind: "status", status: 503 }],
    ["429 with Retry-After", { kind: "status", status: 429, headers: { "retry-after": "0" } }],
    ["a connection that is dropped", { kind: "drop" }],
    ["an answer that breaks off", { kind: "half" }],
    ["no answer", { kind: "hang" }],
  ];
  it.each(faults)(
    "%s: every third request meets it once, and all have the answers of a quiet server",
    async (_, fault) => {
      const met = new Set<string>();
      const toy = await server({
        fault: ({ index, body }) => {
          const key = JSON.stringify(body);
          if (index % 3 !== 0 || met.has(key)) return null;
          met.add(key);
          return fault;
        },
      });
      const engine = await client([toy], { timeoutMs: 300, inFlight: 8 });
      expect(await gather(engine.generate(toyRequests(30)))).toEqual(await wanted(30));
      expect(met.size).toBeGreaterThan(5);
      expect(toy.answered).toBe(30);
      expect(engine.traffic().retries).toBeGreaterThanOrEqual(met.size);
    },
  );

  it("a request that fails every time ends its own call with the reason, and no other's", async () => {
    const toy = await server({
      fault: ({ body }) =>
        JSON.stringify(body).includes('"seed":13') ? { kind: "status", status: 500 } : null,
    });
    const engine = await client([toy], { maxTries: 3 });
    const [bad, good] = await Promise.allSettled([
      gather(engine.generate([toyRequest("bad", { seed: 13 })])),
      gather(engine.generate(toyRequests(10))),
    ]);
    expect(bad).toMatchObject({
      status: "rejected",
      reason: { code: "VLLM_UNAVAILABLE", facts: { tries: 3 } },
    });
    expect(good.status).toBe("fulfilled");
  });

  it("a stream that breaks off tells no token twice", async () => {
    let first = true;
    const toy = await server({
      fault: () => {
        if (!first) return null;
        first = false;
        return { kind: "half" };
      },
    });
    const engine = await client([toy]);
    const told: number[] = [];
    const onToken = ({ token }: { token: number }) => told.push(token);
    const found = await gather(engine.generate([toyRequest("one")], { onToken }));
    expect(told).toEqual([...(found.get("one")?.tokens ?? [])]);
  });
});

describe("a server that is killed and comes back", () => {
  it("the call goes on: every request is answered once, with the same texts", async () => {
    const toy = await server({ latency: () => 15 });
    const warnings: string[] = [];
    const engine = await client([toy], { inFlight: 8, onWarning: (text) => warnings.push(text) });
    const found = gather(engine.generate(toyRequests(120)));
    for (let restarts = 0; restarts < 3; restarts++) {
      while (toy.answered < 25 * (restarts + 1)) await delay(5);
      await toy.kill();
      await delay(100);
      await toy.start();
    }
    expect(await found).toEqual(await wanted(120));
    expect(engine.traffic().retries).toBeGreaterThan(0);
    expect(warnings.join("\n")).toMatch(/does not answer.*waiting/);
    expect(warnings.join("\n")).toMatch(/is back/);
  });

  it("with a server left, the others do its work meanwhile", async () => {
    const servers = [await server({ latency: () => 10 }), await server({ latency: () => 10 })];
    const engine = await client(servers, { inFlight: 4 });
    const found = gather(engine.generate(toyRequests(60)));
    const [lost, left] = servers;
    while ((lost?.answered ?? 0) < 5) await delay(5);
    await lost?.kill();
    expect(await found).toEqual(await wanted(60));
    expect(left?.answered).toBeGreaterThan(30);
  });

  it("one that stays away ends the call when patience is over, and says how to go on", async () => {
    const toy = await server({ latency: () => 10 });
    const engine = await client([toy], { patienceMs: 300, inFlight: 4 });
    const found = gather(engine.generate(toyRequests(200)));
    while (toy.answered < 5) await delay(5);
    await toy.kill();
    await expect(found).rejects.toMatchObject({
      code: "VLLM_UNAVAILABLE",
      todo: expect.stringContaining("countersteer resume"),
    });
    await expect(gather(engine.generate(toyRequests(1)))).rejects.toMatchObject({ code: "VLLM_UNAVAILABLE" });
  });

  it("one that comes back with another model is refused, not used", async () => {
    const toy = await server({ latency: () => 10 });
    const engine = await client([toy], { inFlight: 4 });
    const found = gather(engine.generate(toyRequests(200)));
    while (toy.answered < 5) await delay(5);
    await toy.kill();
    toy.state.health = toyHealth({ model: { hash: "f".repeat(64) } });
    await toy.start();
    await expect(found).rejects.toMatchObject({ code: "RUNS_UNEQUAL", facts: { differ: ["model hash"] } });
  });

  it("one that was replaced unseen, between two calls, is found out by its first answer", async () => {
    const toy = await server();
    const engine = await client([toy]);
    const before = await gather(engine.generate(toyRequests(3)));
    await toy.kill();
    await toy.start();
    expect(await gather(engine.generate(toyRequests(3)))).toEqual(before);
    expect(engine.traffic().retries).toBeGreaterThan(0);
    await toy.kill();
    toy.state.health = toyHealth({ model: { hash: "f".repeat(64) } });
    await toy.start();
    await expect(gather(engine.generate(toyRequests(3)))).rejects.toMatchObject({ code: "RUNS_UNEQUAL" });
  });

  it("one that has no hash yet is waited for", async () => {
    const toy = await server({ health: { model: { hash: null } } });
    const engine = client([toy]);
    await delay(50);
    toy.state.health = toyHealth();
    expect((await engine).info.fileHash).toBe("a".repeat(64));
  });
});

describe("refused before the first trial", () => {
  const cases: { name: string; options: ToyServerOptions; code: string; says: RegExp }[] = [
    {
      name: "a server without the plug-in",
      options: { isPlain: true },
      code: "LIBRARY_MISMATCH",
      says: /Install countersteer-vllm/,
    },
    {
      name: "another protocol",
      options: { health: { protocol: 2 } },
      code: "LIBRARY_MISMATCH",
      says: /protocol 2/,
    },
    {
      name: "another version of the plug-in",
      options: { health: { plugin: "0.2.0" } },
      code: "LIBRARY_MISMATCH",
      says: /0\.2\.0/,
    },
    {
      name: "compiled graphs",
      options: {
        health: {
          refusal: {
            code: "LIBRARY_MISMATCH",
            what: "The server runs compiled graphs.",
            why: "They drop hooks.",
            todo: "Start it with --enforce-eager.",
            facts: {},
          },
        },
      },
      code: "LIBRARY_MISMATCH",
      says: /--enforce-eager/,
    },
    {
      name: "a missing API key",
      options: { apiKey: "secret" },
      code: "VLLM_UNAVAILABLE",
      says: /COUNTERSTEER_VLLM_API_KEY/,
    },
  ];
  it.each(cases)("$name: $code, and what to do", async ({ options, code, says }) => {
    const toy = await server(options);
    await expect(openToy([toy])).rejects.toMatchObject({ code, message: expect.stringMatching(says) });
    expect(toy.seen).toEqual([]);
  });

  it("nobody at the address", async () => {
    const toy = await server();
    await toy.kill();
    await expect(openToy([toy])).rejects.toMatchObject({ code: "VLLM_UNAVAILABLE" });
  });

  it("no address, or none of a server", async () => {
    await expect(openToy([])).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    for (const urls of [["node-7"], ["ftp://node-7"], ["http://me:pass@node-7"]]) {
      await expect(openToy([], { urls })).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    }
  });

  it("with the key of the server all is well", async () => {
    const toy = await server({ apiKey: "secret" });
    const engine = await client([toy], { apiKey: "secret" });
    expect((await gather(engine.generate(toyRequests(3)))).size).toBe(3);
  });

  it.each([
    ["another model", { model: { hash: "b".repeat(64) } }, "model hash"],
    ["another weight type", { model: { weightType: "fp8" } }, "weight type"],
    ["another chat template", { model: { chatTemplate: "x" } }, "chat template"],
    ["another vLLM", { vllm: "0.32.1" }, "vLLM version"],
  ] as const)("servers that differ: %s", async (_, health, differ) => {
    const servers = [await server(), await server({ health })];
    await expect(openToy(servers)).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      facts: { differ: [differ] },
    });
  });
});

describe("load", () => {
  it("goes to the least loaded of several servers, and no server is asked more at once than it may be", async () => {
    const servers = [
      await server({ latency: () => 2 }),
      await server({ latency: () => 2 }),
      await server({ latency: () => 20 }),
    ];
    const engine = await client(servers, { inFlight: 5 });
    expect(await gather(engine.generate(toyRequests(200)))).toEqual(await wanted(200));
    for (const { most } of servers) expect(most).toBeLessThanOrEqual(5);
    const [a = 0, b = 0, slow = 0] = engine.traffic().answered;
    expect(a + b + slow).toBe(200);
    expect(Math.min(a, b)).toBeGreaterThan(slow);
  });

  it("a reader that stops reading holds the servers back: no more is asked than may wait to be read", async () => {
    const toy = await server();
    const engine = await client([toy], { inFlight: 6 });
    const results = engine.generate(toyRequests(500))[Symbol.asyncIterator]();
    await results.next();
    await delay(200);
    expect(toy.seen.length).toBeLessThanOrEqual(6 + 1);
    let left = 499;
    while (!(await results.next()).done) left--;
    expect(left).toBe(0);
    expect(toy.answered).toBe(500);
  });

  it("a call that waits for its reader does not hold back another one", async () => {
    const engine = await client([await server()], { inFlight: 4 });
    const unread = engine.generate(toyRequests(50));
    expect((await gather(engine.generate(toyRequests(50)))).size).toBe(50);
    expect((await gather(unread)).size).toBe(50);
  });

  it("hundreds of calls of one request each, as a run makes them, are all answered", async () => {
    const servers = [await server({ latency: () => 5 }), await server({ latency: () => 5 })];
    const engine = await client(servers, { inFlight: 32 });
    const found = await Promise.all(toyRequests(400).map((request) => gather(engine.generate([request]))));
    expect(new Set(found.flatMap((each) => [...each.keys()])).size).toBe(400);
  });
});

describe("stopping", () => {
  it("an abort ends the call, frees the server and leaves other calls alone", async () => {
    const toy = await server({ latency: () => 100 });
    const engine = await client([toy], { inFlight: 20 });
    const controller = new AbortController();
    const stopped = gather(engine.generate(toyRequests(50), { signal: controller.signal }));
    const other = gather(engine.generate([toyRequest("other", { intervention: toyAdd() })]));
    while (toy.open < 2) await delay(5);
    controller.abort();
    await expect(stopped).rejects.toMatchObject({ code: "ABORTED" });
    expect((await other).size).toBe(1);
    expect(toy.answered).toBe(1);
    while (toy.open > 0) await delay(5);
  });

  it("a signal that was raised before asks nothing", async () => {
    const toy = await server();
    const engine = await client([toy]);
    const call = engine.generate(toyRequests(3), { signal: AbortSignal.abort() });
    await expect(gather(call)).rejects.toMatchObject({ code: "ABORTED" });
    expect(toy.seen).toEqual([]);
  });

  it("a reader that breaks off ends what is under way", async () => {
    const toy = await server({ latency: () => 20 });
    const engine = await client([toy], { inFlight: 4 });
    for await (const _ of engine.generate(toyRequests(100))) break;
    while (toy.open > 0) await delay(5);
    expect(toy.seen.length).toBeLessThan(15);
  });

  it("closing the engine fails what runs and what is asked later", async () => {
    const toy = await server({ latency: () => 100 });
    const engine = await client([toy]);
    const call = gather(engine.generate(toyRequests(5)));
    while (toy.open < 2) await delay(5);
    await engine.close();
    await expect(call).rejects.toMatchObject({ code: "ABORTED" });
    await expect(gather(engine.generate(toyRequests(1)))).rejects.toMatchObject({ code: "ABORTED" });
  });
});
