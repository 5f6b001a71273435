/** What a page of another site, another program, a hostile run or a hostile request try on a viewer that listens on a socket. */
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { parseHTML } from "linkedom";
import { describe, expect, test } from "vitest";
import { makeReportRun } from "../../../test/support/report-run.ts";
import { INDEX, openStream, rawRequest, SCRIPT, testViewer } from "../../../test/support/viewer.ts";
import { problemSchema } from "./api/common.ts";
import { runListSchema, runPageSchema } from "./api/runs.ts";
import { TOKEN_HEADER } from "./api/session.ts";
import { trialPageSchema } from "./api/trials.ts";

const SECRET = "the content of a file outside";

function fill(runs: string): void {
  makeReportRun({ dir: path.join(runs, "one") }).close();
  writeFileSync(path.join(runs, "..", "secret.txt"), SECRET);
}

async function firstRun(server: { port: number }): Promise<string> {
  const { body } = await rawRequest({ server, path: "/api/runs" });
  return runListSchema.parse(JSON.parse(body)).runs[0]?.id ?? "";
}

function problem(body: string) {
  return problemSchema.parse(JSON.parse(body));
}

describe("a foreign page", () => {
  test("whose name was made to point here (DNS rebinding) is refused, whatever it asks for", async () => {
    await using viewer = await testViewer({ fill });
    const { server } = viewer;
    for (const host of [
      "evil.example",
      `evil.example:${server.port}`,
      "127.0.0.1.evil.example",
      "localhost.evil.example",
    ]) {
      for (const address of ["/", "/api/runs", "/api/session", "/assets/index-abc.js"]) {
        const { status, body } = await rawRequest({ server, path: address, headers: { Host: host } });
        expect(status, `${host}${address}`).toBe(403);
        expect(problem(body).code).toBe("HOST_NOT_ALLOWED");
      }
    }
    const local = { Host: `localhost:${server.port}` };
    expect((await rawRequest({ server, path: "/api/runs", headers: local })).status).toBe(200);
  });

  test("of another origin neither reads nor changes, also with the token", async () => {
    await using viewer = await testViewer({ fill });
    const { server } = viewer;
    const foreign: Record<string, string>[] = [
      { Origin: "https://evil.example" },
      { Origin: "null" },
      { Origin: `http://127.0.0.1:${server.port + 1}` },
      { Origin: `https://127.0.0.1:${server.port}` },
      { "Sec-Fetch-Site": "cross-site" },
      { "Sec-Fetch-Site": "same-site" },
      { "Sec-Fetch-Site": "same-origin", Origin: "https://evil.example" },
    ];
    for (const headers of foreign) {
      const read = await rawRequest({ server, path: "/api/runs", headers });
      expect(read.status, JSON.stringify(headers)).toBe(403);
      expect(problem(read.body).code).toBe("ORIGIN_NOT_ALLOWED");
      const change = await rawRequest({
        server,
        path: "/api/session/check",
        method: "POST",
        headers: { ...headers, [TOKEN_HEADER]: server.token },
      });
      expect(change.status).toBe(403);
      expect(change.headers["access-control-allow-origin"]).toBeUndefined();
    }
  });

  test("of the viewer itself, and an address that a person typed, are let in", async () => {
    await using viewer = await testViewer({ fill });
    const { server } = viewer;
    const own = { Origin: server.url, "Sec-Fetch-Site": "same-origin", [TOKEN_HEADER]: server.token };
    expect(
      (await rawRequest({ server, path: "/api/runs", headers: { "Sec-Fetch-Site": "none" } })).status,
    ).toBe(200);
    const check = { server, path: "/api/session/check", method: "POST" };
    expect((await rawRequest({ ...check, headers: own })).status).toBe(204);
    const typed = { ...own, "Sec-Fetch-Site": "none" };
    expect((await rawRequest({ ...check, headers: typed })).status).toBe(403);
  });
});

test("without the token of this start nothing is changed or run, by any method", async () => {
  await using viewer = await testViewer({ fill });
  const { server } = viewer;
  const run = await firstRun(server);
  const paths = [
    "/api/session/check",
    `/api/runs/${run}/stop`,
    `/api/runs/${run}/resume`,
    "/api/playground/answer",
    "/api/playground/save",
    "/",
  ];
  for (const address of paths) {
    for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
      for (const token of [undefined, "", server.token.slice(1), `${server.token}x`, "é".repeat(40)]) {
        const headers: Record<string, string> =
          token === undefined ? {} : { [TOKEN_HEADER]: Buffer.from(token).toString("latin1") };
        const { status, body } = await rawRequest({ server, path: address, method, headers, body: "{}" });
        expect(status, `${method} ${address} ${token}`).toBe(401);
        expect(problem(body).code).toBe("TOKEN_INVALID");
      }
    }
  }
  const get = await rawRequest({
    server,
    path: `/api/runs/${run}/resume`,
    headers: { [TOKEN_HEADER]: server.token },
  });
  expect(get.status).toBe(404);
});

test("every start has another token, and it is in no answer", async () => {
  await using first = await testViewer({ fill });
  await using second = await testViewer({ fill });
  expect(first.server.token).not.toBe(second.server.token);
  expect(Buffer.from(first.server.token, "base64url").length).toBe(32);
  for (const address of ["/", "/api/session", "/api/runs"]) {
    expect((await rawRequest({ server: first.server, path: address })).body).not.toContain(
      first.server.token,
    );
  }
});

test("every answer forbids what the app does not need, and none of the interface is kept", async () => {
  await using viewer = await testViewer({ fill });
  const { server } = viewer;
  const answers = [
    await rawRequest({ server, path: "/" }),
    await rawRequest({ server, path: "/assets/index-abc.js" }),
    await rawRequest({ server, path: "/api/runs" }),
    await rawRequest({ server, path: "/api/nothing" }),
    await rawRequest({ server, path: "/api/session/check", method: "POST" }),
    await rawRequest({ server, path: "/", headers: { Host: "evil.example" } }),
  ];
  for (const { headers } of answers) {
    const policy = String(headers["content-security-policy"]).split("; ");
    expect(policy).toEqual(
      expect.arrayContaining([
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'none'",
      ]),
    );
    expect(policy.join()).not.toMatch(/unsafe|http|\*/);
    expect(headers["x-content-type-options"]).toBe("nosniff");
    expect(headers["referrer-policy"]).toBe("no-referrer");
    expect(headers["cross-origin-opener-policy"]).toBe("same-origin");
    expect(headers["cross-origin-resource-policy"]).toBe("same-origin");
  }
  for (const { headers } of answers.slice(2)) expect(headers["cache-control"]).toBe("no-store");
});

/** Ways to say `../`, and the names of files and runs that lie outside. */
const CLIMBS = [
  "../",
  "..%2f",
  "%2e%2e/",
  "%2e%2e%2f",
  "%252e%252e%252f",
  "..\\",
  "..%5c",
  "....//",
  "%c0%ae%c0%ae/",
  "..%00/",
];
const TARGETS = ["secret.txt", "etc/passwd", "outside"];

test("no path of a request reaches a file: pages and the interface answer as to any unknown name", async () => {
  await using viewer = await testViewer({
    fill: (runs) => {
      fill(runs);
      makeReportRun({ dir: path.join(runs, "..", "outside") }).close();
    },
  });
  const { server } = viewer;
  const run = await firstRun(server);
  for (const climb of CLIMBS) {
    for (const target of TARGETS) {
      const hostile = `${climb.repeat(6)}${target}`;
      const one = encodeURIComponent(hostile);
      const addresses = [
        `/${hostile}`,
        `/assets/${hostile}`,
        `/assets/${one}`,
        `/api/runs/${one}`,
        `/api/runs/${hostile}`,
        `/api/runs/${run}/trials/${one}`,
        `/api/runs/${run}/trials/${one}/activations/${one}?latent=1`,
        `/api/saes/${one}/latents`,
        `/api/saes/${one}/latents/1`,
        `/api/compare?run=${one}&arm=steered&arm2=strong`,
      ];
      for (const address of addresses) {
        const { status, body } = await rawRequest({ server, path: address });
        expect(body, address).not.toContain(SECRET);
        expect(body, address).not.toMatch(/root:.*:0:0/);
        expect(body === INDEX || status === 404 || status === 400, `${status} ${address}: ${body}`).toBe(
          true,
        );
      }
    }
  }
  for (const address of ["/%", "/%E0%A4%A", "/api/runs/%E0%A4%A", "/api/runs/%", "/%00", "/api/runs/%00"]) {
    expect((await rawRequest({ server, path: address })).status, address).toBeLessThan(500);
  }
  expect((await rawRequest({ server, path: "/assets/index-abc.js" })).body).toBe(SCRIPT);
});

test("a run's name can't lead out of the shown folder: links are not followed", async () => {
  await using viewer = await testViewer({
    fill: (runs) => {
      fill(runs);
      const outside = path.join(runs, "..", "outside");
      makeReportRun({ dir: outside }).close();
      symlinkSync(outside, path.join(runs, "linked-folder"));
      mkdirSync(path.join(runs, "linked-file"));
      symlinkSync(path.join(outside, "run.sqlite"), path.join(runs, "linked-file", "run.sqlite"));
    },
  });
  const { body } = await rawRequest({ server: viewer.server, path: "/api/runs" });
  expect(runListSchema.parse(JSON.parse(body)).runs.map(({ name }) => name)).toEqual(["one"]);
});

test("a run that can't be read is a row with its problem, and the others are shown", async () => {
  await using viewer = await testViewer({
    fill: (runs) => {
      fill(runs);
      mkdirSync(path.join(runs, "noise"));
      writeFileSync(path.join(runs, "noise", "run.sqlite"), "no database");
      mkdirSync(path.join(runs, "empty"));
      writeFileSync(path.join(runs, "empty", "run.sqlite"), "");
    },
  });
  const { server } = viewer;
  const { runs } = runListSchema.parse(JSON.parse((await rawRequest({ server, path: "/api/runs" })).body));
  expect(runs.map(({ name, run, problem: found }) => [name, run === null, found?.code])).toEqual([
    ["one", false, undefined],
    ["empty", true, "RUN_NOT_FOUND"],
    ["noise", true, "STORE_CORRUPT"],
  ]);
  for (const part of ["", "/trials", "/live"]) {
    const { status, body } = await rawRequest({ server, path: `/api/runs/${runs[2]?.id}${part}` });
    expect(status).toBe(422);
    expect(problem(body).code).toBe("STORE_CORRUPT");
  }
});

test("what a model, a label or an arm's name says is data: it leaves as JSON, and is escaped in figures", async () => {
  const script = `<script>alert(1)</script><img src=x onerror="alert(2)">'"&`;
  await using viewer = await testViewer({
    fill: (runs) => makeReportRun({ dir: path.join(runs, "hostile"), text: script }).close(),
  });
  const { server } = viewer;
  const run = await firstRun(server);
  const arm = encodeURIComponent(`steered${script}`);
  const trials = await rawRequest({ server, path: `/api/runs/${run}/trials?arm=${arm}` });
  const page = trialPageSchema.parse(JSON.parse(trials.body));
  expect(page.rows[0]?.excerpt).toContain(script);
  const answers = [
    trials,
    await rawRequest({ server, path: "/api/runs" }),
    await rawRequest({ server, path: `/api/runs/${run}` }),
    await rawRequest({
      server,
      path: `/api/runs/${run}/trials/${encodeURIComponent(page.rows[0]?.key ?? "")}`,
    }),
    await rawRequest({ server, path: `/api/runs/${run}/trials/${arm}` }),
    await rawRequest({
      server,
      path: `/api/compare?run=${run}&arm=${arm}&arm2=${encodeURIComponent(`strong${script}`)}`,
    }),
    await rawRequest({ server, path: `/api/compare?run=${run}&arm=${arm}&arm2=${arm}x` }),
    await rawRequest({ server, path: `/api/${encodeURIComponent(script)}` }),
  ];
  for (const { headers } of answers) expect(headers["content-type"]).toMatch(/^application\/json/);
  const { figures } = runPageSchema.parse(JSON.parse(answers[2]?.body ?? ""));
  expect(figures.length).toBeGreaterThan(4);
  expect(figures.some(({ svg }) => svg.includes("&lt;script&gt;"))).toBe(true);
  for (const { svg } of figures) {
    const { document } = parseHTML(`<!doctype html><body>${svg}</body>`);
    expect(
      document.querySelectorAll("script, img, foreignObject, iframe, a, use, image, animate, set").length,
    ).toBe(0);
    const names = [...document.querySelectorAll("*")].flatMap((element) => element.getAttributeNames());
    expect(names.filter((name) => /^on|href|^style$/i.test(name))).toEqual([]);
  }
});

test("an oversized body is refused, with and without a length, and the server lives on", async () => {
  await using viewer = await testViewer({ fill });
  const { server } = viewer;
  const headers = { [TOKEN_HEADER]: server.token, "Content-Type": "application/json" };
  const body = JSON.stringify({ prompt: "x".repeat(2 * 2 ** 20) });
  for (const address of ["/api/playground/answer", "/api/playground/save", "/api/session/check"]) {
    const common = { server, path: address, method: "POST", body };
    for (const framing of [{ "Content-Length": String(body.length) }, { "Transfer-Encoding": "chunked" }]) {
      const answer = await rawRequest({ ...common, headers: { ...headers, ...framing } });
      expect(answer.status, `${address} ${JSON.stringify(framing)}`).toBe(413);
      expect(problem(answer.body).code).toBe("BODY_TOO_LARGE");
    }
  }
  const small = { server, path: "/api/playground/save", method: "POST", headers };
  for (const framing of [{ "Content-Length": "2" }, { "Transfer-Encoding": "chunked" }]) {
    const answer = await rawRequest({ ...small, headers: { ...headers, ...framing }, body: "{}" });
    expect(answer.status).toBe(400);
    expect(problem(answer.body).why).toContain("answers");
  }
  expect((await rawRequest({ ...small, path: "/api/session/check" })).status).toBe(204);
  const wrong = await rawRequest({
    server,
    path: "/api/playground/answer",
    method: "POST",
    headers,
    body: "{",
  });
  expect(wrong.status).toBe(400);
  expect((await rawRequest({ server, path: "/api/runs" })).status).toBe(200);
});

test("of 200 live answers 64 are open and the rest are refused; the server lives on and opens others when they end", async () => {
  await using viewer = await testViewer({ fill });
  const { server } = viewer;
  const address = `/api/runs/${await firstRun(server)}/live`;
  const streams = await Promise.all(Array.from({ length: 200 }, () => openStream({ server, path: address })));
  const open = streams.filter(({ status }) => status === 200);
  expect(open.length).toBe(64);
  expect(streams.filter(({ status }) => status === 503).length).toBe(136);
  const refused = await rawRequest({ server, path: address });
  expect(problem(refused.body).code).toBe("TOO_MANY_STREAMS");
  for (const stream of open) expect((await stream.next()).event).toBe("progress");
  expect((await rawRequest({ server, path: "/api/runs" })).status).toBe(200);
  for (const stream of streams) stream.close();
  await expect
    .poll(async () => {
      const again = await openStream({ server, path: address });
      again.close();
      return again.status;
    })
    .toBe(200);
});

test("half a request, and noise in place of one, leave the server alive", async () => {
  await using viewer = await testViewer({ fill });
  const { server } = viewer;
  for (const text of [
    "GET /api/runs HTTP/1.1\r\nHost: 127.0.0.1",
    "\u0000\u0001noise\r\n\r\n",
    "GET / HTTP/1.1\r\n\r\n",
  ]) {
    const socket = net.connect(server.port, "127.0.0.1");
    socket.on("error", () => {});
    socket.write(text);
    await new Promise((resolve) => setTimeout(resolve, 20));
    socket.destroy();
  }
  expect((await rawRequest({ server, path: "/api/runs" })).status).toBe(200);
});
