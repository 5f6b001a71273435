/** Questions to one vLLM server: JSON there and back, refusals as coded errors, passing faults told apart from lasting ones. */
import type { z } from "zod";
import { CountersteerError, messageOf } from "../../errors.ts";
import { isTransient, retryAfterMs } from "../../model/http-failure.ts";
import { TransientFault } from "./faults.ts";
import { refusalSchema } from "./protocol.ts";
import { bodyText, type HttpAnswer, type Transport } from "./transport.ts";

export interface ServerApiOptions {
  send: Transport;
  /** Sent as `Authorization: Bearer`. */
  apiKey: string | null;
  now: () => number;
}

export interface Question {
  /** Root of the server, without a slash at its end. */
  url: string;
  route: string;
  /** Asked by POST; without one by GET. */
  body?: unknown;
  signal: AbortSignal;
}

export class ServerApi {
  readonly #options: ServerApiOptions;

  constructor(options: ServerApiOptions) {
    this.#options = options;
  }

  /** Throws a `CountersteerError` for a refusal, `TransientFault` for what may pass, and the transport's errors. */
  async ask<T>(question: Question, schema: z.ZodType<T>): Promise<T> {
    const answer = await this.#send(question);
    return this.#read({ question, schema, value: parsed(await bodyText(answer)) });
  }

  /** The data of server-sent events, until `[DONE]`. */
  async *events<T>(question: Question, schema: z.ZodType<T>): AsyncGenerator<T, void, void> {
    const answer = await this.#send(question);
    const decoder = new TextDecoder();
    let rest = "";
    for await (const chunk of answer.chunks) {
      rest += decoder.decode(chunk, { stream: true });
      const lines = rest.split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        if (!line.startsWith("data:")) continue;
        const data = line.slice(5).trim();
        if (data === "[DONE]") return;
        const value = parsed(data);
        if (isFailure(value)) throw this.#refusal({ question, status: 400, value });
        yield this.#read({ question, schema, value });
      }
    }
    throw new TransientFault("the stream ended before it was complete");
  }

  async #send(question: Question): Promise<HttpAnswer> {
    const { send, apiKey, now } = this.#options;
    const { url, route, body, signal } = question;
    const answer = await send({
      url: url + route,
      method: body === undefined ? "GET" : "POST",
      headers: apiKey === null ? {} : { authorization: `Bearer ${apiKey}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal,
    });
    const { status } = answer;
    if (status >= 200 && status < 300) return answer;
    const text = await bodyText(answer);
    if (isTransient(status)) {
      const header = answer.header("retry-after") ?? null;
      throw new TransientFault(`the server answered ${status}: ${shortened(text)}`, {
        retryAfterMs: retryAfterMs({ header, now: now() }),
      });
    }
    throw this.#refusal({ question, status, value: maybe(text) ?? text });
  }

  #read<T>({ question, schema, value }: { question: Question; schema: z.ZodType<T>; value: unknown }): T {
    const read = schema.safeParse(value);
    if (read.success) return read.data;
    if (isFailure(value)) throw this.#refusal({ question, status: 400, value });
    const issues = read.error.issues.slice(0, 3).map(({ path, message }) => `${path.join(".")}: ${message}`);
    throw new CountersteerError("LIBRARY_MISMATCH", {
      what: `${question.url}${question.route} answered in another form than countersteer-vllm does.`,
      why: `${issues.join("; ")}.`,
      todo: "Install the version of countersteer-vllm that belongs to this version of Countersteer.",
      facts: { url: question.url, route: question.route, issues },
    });
  }

  #refusal({
    question: { url, route },
    status,
    value,
  }: {
    question: Question;
    status: number;
    value: unknown;
  }): CountersteerError {
    const read = refusalSchema.safeParse(value);
    const record = read.data?.countersteer;
    if (record !== undefined) return new CountersteerError(record.code, record);
    const message = read.data?.error.message ?? shortened(String(value));
    const facts = { url, route, status, message };
    if (status === 401 || status === 403) {
      return new CountersteerError("VLLM_UNAVAILABLE", {
        what: `${url} refused us with ${status}.`,
        why: "It wants an API key that was not given, or another one.",
        todo: "Set COUNTERSTEER_VLLM_API_KEY to the key that the server was started with.",
        facts,
      });
    }
    if (status === 404 && route.startsWith("/v1/")) {
      return new CountersteerError("MODEL_UNKNOWN", {
        what: `${url} does not serve the model or adapter that was asked for.`,
        why: `It answered: ${message}`,
        todo: "Give an adapter that the server was started with (`--lora-modules`).",
        facts,
      });
    }
    return new CountersteerError("REQUEST_INVALID", {
      what: `${url}${route} refused a request with ${status}.`,
      why: `It answered: ${message}`,
      todo: "Change the request as the server asks.",
      facts,
    });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new TransientFault(`the answer is no JSON (${messageOf(cause)})`);
  }
}

function maybe(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isFailure(value: unknown): boolean {
  return typeof value === "object" && value !== null && "error" in value && value.error !== null;
}

function shortened(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > 300 ? `${line.slice(0, 300)}...` : line;
}
