/** One request of each kind, asked of one server: its body, its answer checked, its proof. */
import { z } from "zod";
import { CountersteerError } from "../../errors.ts";
import type {
  CallOptions,
  Capture,
  CaptureRequest,
  DivergenceRequest,
  Divergences,
  Generation,
  GenerationRequest,
  Intervention,
  ScoreRequest,
  TokenScores,
} from "../engine.ts";
import { CompletionReader, completionEventSchema } from "./completion-reader.ts";
import { ServerRestarted, TransientFault } from "./faults.ts";
import {
  captureAnswerSchema,
  completionExtraSchema,
  divergenceAnswerSchema,
  PROTOCOL,
  ROUTES,
  scoreAnswerSchema,
} from "./protocol.ts";
import type { ServerApi } from "./server-api.ts";
import {
  completionBody,
  decodeFloats,
  generationOf,
  isEdited,
  requireReceipt,
  type SaeName,
  wireIntervention,
} from "./wire.ts";

export interface Asked<Request> {
  request: Request;
  replica: { url: string; index: number };
  signal: AbortSignal;
  nameOf: SaeName;
}

export interface AskerOptions {
  api: ServerApi;
  /** The name under which each server has the model. */
  served: readonly string[];
  /** Names of adapters that all servers have. */
  adapters: readonly string[];
  /** What each server called its present life in its last handshake, by its root. */
  instances: ReadonlyMap<string, string | undefined>;
}

type Place = Omit<Asked<unknown>, "request" | "nameOf">;

const COMPLETIONS = "/v1/completions";
const completionSchema = z.object({ countersteer: completionExtraSchema });
const tokensSchema = z.object({ tokens: z.array(z.int().min(0)) });
const promptSchema = z.object({ prompt: z.string() });

export class Asker {
  readonly #options: AskerOptions;
  /** Tokens that the caller of a stream was told, by request: one that is asked again repeats its tokens. */
  readonly #told = new WeakMap<GenerationRequest, { count: number }>();

  constructor(options: AskerOptions) {
    this.#options = options;
  }

  /** Throws ADAPTER_MISMATCH. */
  checkAdapter({ id, adapter }: { id: string; adapter?: string }): void {
    const { adapters } = this.#options;
    if (adapter === undefined || adapters.includes(adapter)) return;
    throw new CountersteerError("ADAPTER_MISMATCH", {
      what: `Request ${id} names the adapter ${adapter}, which the servers don't have.`,
      why: adapters.length === 0 ? "They have none." : `All of them have ${adapters.join(", ")}.`,
      todo: "Start every server with `--enable-lora --lora-modules NAME=FOLDER`, and name the adapter so.",
      facts: { id, adapter, adapters },
    });
  }

  async tokenize({ text, ...place }: { text: string } & Place): Promise<Int32Array> {
    const body = { model: this.#model(place, undefined), prompt: text, add_special_tokens: false };
    const { tokens } = await this.#ask({ ...place, route: "/tokenize", body }, tokensSchema);
    return Int32Array.from(tokens);
  }

  async detokenize({ tokens, ...place }: { tokens: Int32Array } & Place): Promise<string> {
    const body = { model: this.#model(place, undefined), tokens: Array.from(tokens) };
    return (await this.#ask({ ...place, route: "/detokenize", body }, promptSchema)).prompt;
  }

  async generate({
    request,
    replica,
    signal,
    nameOf,
    onToken,
  }: Asked<GenerationRequest> & { onToken?: CallOptions["onToken"] }): Promise<Generation> {
    const model = this.#model({ replica, signal }, request.adapter);
    const stream = onToken !== undefined;
    const body = completionBody({ request, model, nameOf, stream });
    if (onToken === undefined) {
      const answer = await this.#ask({ replica, signal, route: COMPLETIONS, body }, completionSchema);
      this.#sameLife(replica, answer.countersteer);
      return whole(() => generationOf({ request, extra: answer.countersteer }));
    }
    const told = this.#told.get(request) ?? { count: 0 };
    this.#told.set(request, told);
    const reader = new CompletionReader({
      told,
      onToken: (token, text) => onToken({ id: request.id, token, text }),
    });
    const { api } = this.#options;
    const question = { url: replica.url, route: COMPLETIONS, body, signal };
    for await (const event of api.events(question, completionEventSchema)) reader.read(event);
    const extra = reader.extra;
    if (extra === null) throw new TransientFault("the stream ended without its receipt");
    this.#sameLife(replica, extra);
    return whole(() => generationOf({ request, extra }));
  }

  async capture({ request, nameOf, ...place }: Asked<CaptureRequest>): Promise<Capture> {
    const { id, tokens, promptTokens, layer, intervention, what, adapter } = request;
    const body = {
      protocol: PROTOCOL,
      model: this.#model(place, adapter),
      tokens: Array.from(tokens),
      ...(promptTokens === undefined ? {} : { promptTokens }),
      layer,
      ...steering(intervention, nameOf),
      what: what.kind === "rows" ? what : { ...what, sae: nameOf(what.sae) },
    };
    const answer = await this.#ask({ ...place, route: ROUTES.capture, body }, captureAnswerSchema);
    const { rows, columns, values, receipt } = answer;
    this.#sameLife(place.replica, answer);
    requireReceipt({ id, intervention, receipt });
    return whole(() => ({ id, rows, columns, values: decodeFloats(values, rows * columns), receipt }));
  }

  /** What is asked of tokens that are given, from one of them on. */
  #givenTokens({ request, nameOf, ...place }: Asked<ScoreRequest>) {
    const { tokens, from, intervention, adapter } = request;
    return {
      protocol: PROTOCOL,
      model: this.#model(place, adapter),
      tokens: Array.from(tokens),
      from,
      ...steering(intervention, nameOf),
    };
  }

  async score({ request, nameOf, ...place }: Asked<ScoreRequest>): Promise<TokenScores> {
    const { id, tokens, from, intervention } = request;
    const body = this.#givenTokens({ request, nameOf, ...place });
    const answer = await this.#ask({ ...place, route: ROUTES.score, body }, scoreAnswerSchema);
    const { logProbs, receipt } = answer;
    this.#sameLife(place.replica, answer);
    requireReceipt({ id, intervention, receipt });
    return whole(() => ({ id, logProbs: decodeFloats(logProbs, tokens.length - from), receipt }));
  }

  async divergence({ request, nameOf, ...place }: Asked<DivergenceRequest>): Promise<Divergences> {
    const { id, tokens, from, intervention } = request;
    const body = this.#givenTokens({ request, nameOf, ...place });
    const answer = await this.#ask({ ...place, route: ROUTES.divergence, body }, divergenceAnswerSchema);
    const { kl, reverse, receipt } = answer;
    this.#sameLife(place.replica, answer);
    requireReceipt({ id, intervention, receipt });
    const count = tokens.length - from;
    return whole(() => ({
      id,
      kl: decodeFloats(kl, count),
      reverse: decodeFloats(reverse, count),
      receipt,
    }));
  }

  /** Throws `ServerRestarted`. */
  #sameLife({ url }: Place["replica"], { instance }: { instance?: string }): void {
    if (instance !== this.#options.instances.get(url)) throw new ServerRestarted();
  }

  #model({ replica }: Place, adapter: string | undefined): string {
    return adapter ?? this.#options.served[replica.index] ?? "";
  }

  #ask<T>({ replica, ...question }: Place & { route: string; body: unknown }, schema: z.ZodType<T>) {
    return this.#options.api.ask({ ...question, url: replica.url }, schema);
  }
}

function steering(intervention: Intervention | undefined, nameOf: SaeName): Record<string, unknown> {
  return isEdited(intervention) ? { intervention: wireIntervention({ intervention, nameOf }) } : {};
}

/** An answer whose parts don't fit each other was damaged on its way, or made by another program. */
function whole<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) throw new TransientFault(error.message);
    throw error;
  }
}
