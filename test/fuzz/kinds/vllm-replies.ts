/** What a vLLM server replies, as the engine reads it. */
import { type CallOptions, type Engine, GREEDY } from "../../../src/engine/engine.ts";
import { openVllmEngine } from "../../../src/engine/vllm/engine.ts";
import type { Transport } from "../../../src/engine/vllm/transport.ts";
import { ERROR_CODES } from "../../../src/errors.ts";
import type { Draw } from "../../support/mutate.ts";
import { D_MODEL, VOCABULARY } from "../../support/vllm/toy-model.ts";
import { PROMPT, toyAdd } from "../../support/vllm/toy-requests.ts";
import { type ToyAnswer, toyAnswer } from "../../support/vllm/toy-routes.ts";
import { toyHealth } from "../../support/vllm/toy-server.ts";
import type { Kind, Verdict } from "../kind.ts";
import { mutateText } from "../mutate-text.ts";
import { mutateJson, mutateValue, type Value } from "../mutate-value.ts";
import { holds, same } from "../same.ts";

const TASKS = ["generate", "stream", "capture", "score", "divergence", "tokenize", "health"] as const;
const STATUSES = [200, 204, 302, 400, 404, 413, 500];

/** The body of the reply that is damaged. */
function bodyOf(answer: ToyAnswer | null, draw: Draw | null): { status: number; text: string } {
  if (answer === null) return { status: 404, text: "{}" };
  if (answer.kind === "events") {
    const lines = answer.events.map((event) => `data: ${JSON.stringify(event)}\n\n`);
    if (draw !== null) {
      const at = draw(lines.length);
      // events were made of JSON
      const event = answer.events[at] as Value;
      lines[at] =
        draw(3) === 0
          ? mutateText(lines[at] ?? "", draw)
          : `data: ${JSON.stringify(mutateValue(event, draw))}\n\n`;
    }
    return { status: 200, text: `${lines.join("")}data: [DONE]\n\n` };
  }
  const text = JSON.stringify(answer.body);
  if (draw === null) return { status: answer.status, text };
  const status = draw(10) === 0 ? (STATUSES[draw(STATUSES.length)] ?? 200) : answer.status;
  const how = draw(5);
  if (how === 0) return { status, text: mutateText(text, draw) };
  // it was JSON
  return {
    status,
    text: how === 1 ? mutateJson(text, draw) : JSON.stringify(mutateValue(JSON.parse(text) as Value, draw)),
  };
}

/** The toy server without a socket; `hit` says which replies are damaged. */
function transport({ hit, draw }: { hit: (route: string) => boolean; draw: Draw | null }): Transport {
  return async ({ url, method, body }) => {
    const route = new URL(url).pathname;
    const health = { ...toyHealth(), instance: "life 1" };
    const answer = toyAnswer({
      method,
      route,
      body: body === undefined ? null : JSON.parse(body),
      state: { health, saes: [] },
    });
    const { status, text } = bodyOf(answer, draw !== null && hit(route) ? draw : null);
    return {
      status,
      header: () => undefined,
      chunks: (async function* () {
        yield Buffer.from(text);
      })(),
    };
  };
}

async function first<T>(results: AsyncIterable<T>): Promise<T> {
  for await (const each of results) return each;
  throw new Error("nothing came");
}

/** What comes out has the shapes that the interface promises. */
async function perform(engine: Engine, task: (typeof TASKS)[number]): Promise<Verdict> {
  const intervention = toyAdd();
  const count = PROMPT.length;
  switch (task) {
    case "generate":
    case "stream": {
      const options: CallOptions = task === "stream" ? { onToken: () => {} } : {};
      const sampling = { ...GREEDY, maxTokens: 8 };
      const { tokens, offsets, text, receipt } = await first(
        engine.generate([{ id: "a", tokens: PROMPT, sampling, intervention }], options),
      );
      same(tokens.length, offsets.length, "numbers of tokens and of offsets");
      holds(tokens.length <= 8, "no more tokens than were asked for");
      holds(
        tokens.every((token) => token >= 0 && token < VOCABULARY),
        "tokens are known",
      );
      holds(
        offsets.every((offset, i) => offset >= (offsets[i - 1] ?? 0) && offset <= text.length),
        "offsets ascend within the text",
      );
      holds((receipt?.rowsEdited ?? 0) > 0, "there is a receipt");
      break;
    }
    case "capture": {
      const { rows, columns, values } = await first(
        engine.capture([{ id: "a", tokens: PROMPT, layer: 1, what: { kind: "rows" } }]),
      );
      same([rows, columns, values.length], [count, D_MODEL, count * D_MODEL], "shapes of a capture");
      break;
    }
    case "score": {
      const { logProbs } = await first(engine.score([{ id: "a", tokens: PROMPT, from: 1 }]));
      same(logProbs.length, count - 1, "numbers of scores");
      break;
    }
    case "divergence": {
      const { kl, reverse } = await first(
        engine.divergence([{ id: "a", tokens: PROMPT, from: 1, intervention }]),
      );
      same([kl.length, reverse.length], [count - 1, count - 1], "numbers of divergences");
      break;
    }
    default:
      holds(
        (await engine.tokenize("abc")).every((token) => token >= 0 && token < VOCABULARY),
        "tokens are known",
      );
  }
  return null;
}

const ROUTE: Record<(typeof TASKS)[number], string> = {
  generate: "/v1/completions",
  stream: "/v1/completions",
  capture: "/countersteer/capture",
  score: "/countersteer/score",
  divergence: "/countersteer/divergence",
  tokenize: "/tokenize",
  health: "/countersteer/health",
};

export const vllmReplies: Kind = {
  name: "vllm-reply",
  input: "replies of a vLLM server with the plug-in",
  right: "tokens are known, shapes as promised, and a steered answer has its receipt",
  codes: new RegExp(`^(${ERROR_CODES.join("|")})$`),
  open: async () => ({
    wholes: TASKS.length,
    read: async ({ whole, draw }) => {
      const task = TASKS[whole] ?? "health";
      const send = transport({ draw, hit: (route) => route === ROUTE[task] });
      const engine = await openVllmEngine({
        urls: ["http://toy"],
        send,
        maxTries: 1,
        patienceMs: 1,
        timeoutMs: 5000,
      });
      try {
        return await perform(engine, task);
      } finally {
        await engine.close();
      }
    },
  }),
};
