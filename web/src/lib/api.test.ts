import { describe, expect, test } from "vitest";
import { z } from "zod";
import { TOKEN_HEADER } from "../../../src/server/viewer/api/session.ts";
import { apiPath, createApi, noContent, queryText } from "./api.ts";
import { ApiProblem } from "./api-problem.ts";

/** Answers every request with what `reply` makes, and keeps what was asked. */
function server(reply: () => Response) {
  const asked: { address: string; method: string; headers: Headers; body: unknown }[] = [];
  const fetch: typeof globalThis.fetch = async (input, init) => {
    asked.push({
      address: String(input),
      method: init?.method ?? "GET",
      headers: new Headers(init?.headers),
      body: init?.body,
    });
    return reply();
  };
  return { asked, api: createApi({ fetch, token: () => "secret" }) };
}

const problemOf = async (promise: Promise<unknown>): Promise<ApiProblem> =>
  promise.then(
    () => expect.unreachable("there was an answer"),
    (error: unknown) => (error instanceof ApiProblem ? error : expect.unreachable(String(error))),
  );
async function collect<T>(events: AsyncIterable<T>): Promise<T[]> {
  const got: T[] = [];
  for await (const event of events) got.push(event);
  return got;
}

const schema = z.strictObject({ n: z.number() });

describe("the client", () => {
  test("sends the token with what changes something, and with nothing else", async () => {
    const { asked, api } = server(() => Response.json({ n: 1 }));
    await api.get({ path: "/api/x", schema });
    await api.post({ path: "/api/x", schema, body: { a: 1 } });
    expect(asked.map(({ method, headers }) => [method, headers.get(TOKEN_HEADER)])).toEqual([
      ["GET", null],
      ["POST", "secret"],
    ]);
    expect(asked[1]?.body).toBe('{"a":1}');
  });

  test("gives no answer that the schema refuses", async () => {
    const { api } = server(() => Response.json({ n: "1" }));
    const problem = await problemOf(api.get({ path: "/api/x", schema }));
    expect(problem).toMatchObject({ code: "ANSWER_UNEXPECTED", status: 200 });
    expect(problem.why).toContain("n: ");
  });

  test("hands on the server's refusal as it is", async () => {
    const told = { code: "RUNS_UNEQUAL", what: "They differ.", why: "Because.", todo: "Allow it." };
    const { api } = server(() => Response.json(told, { status: 409 }));
    expect(await problemOf(api.get({ path: "/api/compare", schema }))).toMatchObject({
      ...told,
      status: 409,
    });
  });

  test("names the status of a refusal that says nothing readable", async () => {
    const { api } = server(() => new Response("<h1>no</h1>", { status: 502 }));
    expect(await problemOf(api.get({ path: "/api/x", schema }))).toMatchObject({
      code: "HTTP_502",
      why: "<h1>no</h1>",
    });
  });

  test("says that the server does not answer, and lets an abort through as one", async () => {
    const gone = createApi({ fetch: () => Promise.reject(new TypeError("refused")), token: () => null });
    expect(await problemOf(gone.get({ path: "/api/x", schema }))).toMatchObject({
      code: "UNREACHABLE",
      status: 0,
    });
    const abort = new DOMException("given up", "AbortError");
    const aborted = createApi({ fetch: () => Promise.reject(abort), token: () => null });
    await expect(aborted.get({ path: "/api/x", schema })).rejects.toBe(abort);
  });

  test("reads an answer without content", async () => {
    const { api } = server(() => new Response(null, { status: 204 }));
    expect(await api.post({ path: "/api/session/check", schema: noContent })).toBeUndefined();
  });

  test("streams checked events, by GET or by POST", async () => {
    const { asked, api } = server(() => new Response('data: {"n":1}\n\ndata: {"n":2}\n\n'));
    const got = await collect(api.events({ path: "/api/live", schema }));
    await collect(api.events({ path: "/api/answer", schema, body: {} }));
    expect(got).toEqual([{ n: 1 }, { n: 2 }]);
    expect(asked.map(({ method, headers }) => [method, headers.get(TOKEN_HEADER)])).toEqual([
      ["GET", null],
      ["POST", "secret"],
    ]);
  });

  test("a stream ends at the first event that the schema refuses", async () => {
    const { api } = server(() => new Response('data: {"n":1}\n\ndata: nonsense\n\n'));
    const got: unknown[] = [];
    const reading = (async () => {
      for await (const event of api.events({ path: "/api/live", schema })) got.push(event);
    })();
    expect(await problemOf(reading)).toMatchObject({ code: "ANSWER_UNEXPECTED" });
    expect(got).toEqual([{ n: 1 }]);
  });
});

test("parts of a path cannot leave their place", () => {
  expect(apiPath`/api/runs/${"../../etc"}/trials/${"a b?c#d"}`).toBe(
    "/api/runs/..%2F..%2Fetc/trials/a%20b%3Fc%23d",
  );
});

test("absent and empty values are no part of a query", () => {
  expect(queryText({ a: 0, b: "", c: null, d: undefined, e: "x y&z", f: false })).toBe(
    "?a=0&e=x+y%26z&f=false",
  );
  expect(queryText({})).toBe("");
});
