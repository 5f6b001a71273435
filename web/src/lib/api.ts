/** The client of the viewer's server. An answer has a type only after its schema has checked it; whatever fails is an `ApiProblem`, except an abort. */
import { z } from "zod";
import { TOKEN_HEADER } from "../../../src/server/viewer/api/session.ts";
import { isAbort, jsonOf, refusal, unexpected, unreachable } from "./api-problem.ts";
import { readEvents, textOf } from "./sse.ts";
import { readToken } from "./token.ts";

export type QueryValue = string | number | boolean | null | undefined;
/** Absent, null and empty values are left out of the address. */
export type Query = Readonly<Record<string, QueryValue>>;

export interface GetOptions<T> {
  /** Made with `apiPath`. */
  path: string;
  query?: Query;
  schema: z.ZodType<T>;
  signal?: AbortSignal;
}

export interface PostOptions<T> extends GetOptions<T> {
  /** Sent as JSON. */
  body?: unknown;
}

export interface EventsOptions<T> extends GetOptions<T> {
  /** With a body it is a POST. */
  body?: unknown;
}

export interface Api {
  get<T>(options: GetOptions<T>): Promise<T>;
  /** Carries the token. */
  post<T>(options: PostOptions<T>): Promise<T>;
  /** The checked `data` of each server-sent event. Leaving the loop, or the signal, closes the connection. */
  events<T>(options: EventsOptions<T>): AsyncGenerator<T>;
}

/** Schema of an answer without content (status 204). */
export const noContent = z.undefined();

/** A path of the API with its variable parts escaped: apiPath`/api/runs/${run}`. */
export function apiPath(texts: TemplateStringsArray, ...parts: readonly (string | number)[]): string {
  return texts
    .map((text, i) => text + (i < parts.length ? encodeURIComponent(String(parts[i])) : ""))
    .join("");
}

/** `?a=1&b=2`, or nothing. */
export function queryText(query: Query = {}): string {
  const entries = Object.entries(query).flatMap(([name, value]) =>
    value === undefined || value === null || value === "" ? [] : [[name, String(value)]],
  );
  return entries.length === 0 ? "" : `?${new URLSearchParams(entries)}`;
}

export interface CreateApiOptions {
  fetch?: typeof globalThis.fetch;
  token?: () => string | null;
}

export function createApi({
  fetch = (input, init) => globalThis.fetch(input, init),
  token = readToken,
}: CreateApiOptions = {}): Api {
  const send = async (
    method: "GET" | "POST",
    { path, query, signal }: GetOptions<unknown>,
    accept: string,
    body?: unknown,
  ) => {
    const secret = method === "POST" ? token() : null;
    const request: RequestInit = {
      method,
      headers: {
        accept,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(secret === null ? {} : { [TOKEN_HEADER]: secret }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    };
    const response = await fetch(path + queryText(query), request).catch(reject);
    if (!response.ok) throw refusal(response.status, await response.text().catch(reject));
    return response;
  };
  const answer = async <T>(response: Response, { path, schema }: GetOptions<T>): Promise<T> => {
    const text = await response.text().catch(reject);
    return check(text === "" ? undefined : jsonOf(text), path, schema);
  };
  return {
    get: async (options) => answer(await send("GET", options, "application/json"), options),
    post: async (options) =>
      answer(await send("POST", options, "application/json", options.body ?? {}), options),
    async *events(options) {
      const method = options.body === undefined ? "GET" : "POST";
      const response = await send(method, options, "text/event-stream", options.body);
      if (response.body === null) return;
      try {
        for await (const data of readEvents(textOf(response.body))) {
          yield check(jsonOf(data), options.path, options.schema);
        }
      } catch (error) {
        // a broken connection is a TypeError; anything else is told already
        if (error instanceof TypeError) throw unreachable(error);
        throw error;
      }
    },
  };
}

function check<T>(value: unknown, path: string, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw unexpected(path, parsed.error);
  return parsed.data;
}

function reject(cause: unknown): never {
  throw isAbort(cause) ? cause : unreachable(cause);
}

export const api = createApi();
