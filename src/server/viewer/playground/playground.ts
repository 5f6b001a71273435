/** The playground of one start of the viewer: an engine that is opened by the first answer, and the answers that can be saved. */
import { isCode } from "../../../errors.ts";
import { adaptersOf } from "../../../experiment/arm-adapter.ts";
import { givenContrast } from "../../../experiment/contrast-vectors.ts";
import type { PlaygroundEvent, PlaygroundRequest, Playground as Shown } from "../api/playground.ts";
import { HttpProblem } from "../problem.ts";
import { answerPair } from "./answer-pair.ts";
import { checkRequest } from "./check-request.ts";
import { chosenPair } from "./chosen-pair.ts";
import { type PlaygroundFacts, playgroundFacts } from "./facts.ts";
import { KeptAnswers } from "./kept-answers.ts";
import { KeptOpen } from "./kept-open.ts";
import { type OpenedPlayground, openPlaygroundSession } from "./open-session.ts";
import type { PlaygroundOptions } from "./options.ts";
import { saveAnswers } from "./save-answers.ts";

const IDLE_MS = 5 * 60_000;
const MAX_ANSWERS = 2;
const KEPT_ANSWERS = 200;

export interface AnswerOptions {
  request: PlaygroundRequest;
  /** Ends both answers within a token or two. */
  signal: AbortSignal;
  emit: (event: PlaygroundEvent) => void;
}

/** Takes up one of the answers that may run at a time, until it is released. */
export interface Turn {
  /** Both answers, event by event, up to `done`. Throws what the engine refuses, and ABORTED. */
  answer: (options: Omit<AnswerOptions, "request">) => Promise<void>;
  release: () => void;
}

export class Playground {
  readonly #o: PlaygroundOptions;
  readonly #kept: KeptAnswers;
  readonly #session: KeptOpen<OpenedPlayground>;
  readonly #end = new AbortController();
  #facts: Promise<PlaygroundFacts> | null = null;
  #answers = 0;

  constructor(options: PlaygroundOptions) {
    this.#o = options;
    this.#kept = new KeptAnswers({ most: options.keptAnswers ?? KEPT_ANSWERS });
    this.#session = new KeptOpen({
      open: () => this.#open(),
      idleMs: options.idleMs ?? IDLE_MS,
      isBroken: (error) => isCode(error, "ENGINE_CRASHED"),
    });
  }

  /** Opens no model and fetches nothing. Throws CONFIG_INVALID, SAE_UNREADABLE and what else reading the settings throws. */
  async describe(): Promise<Shown> {
    return (await this.#known()).shown;
  }

  /** Throws what `checkRequest` throws, and a 429 where enough answers run. */
  async take(request: PlaygroundRequest): Promise<Turn> {
    checkRequest({ request, facts: await this.#known() });
    const { maxAnswers = MAX_ANSWERS } = this.#o;
    if (this.#answers >= maxAnswers) throw tooMany(this.#answers);
    this.#answers++;
    let held = true;
    return {
      answer: (options) => this.#answer({ ...options, request }),
      release: () => {
        if (held) this.#answers--;
        held = false;
      },
    };
  }

  /** The new run's id. Throws what `saveAnswers` throws, and REQUEST_INVALID for an answer that is not kept. */
  save({ answers, name }: { answers: readonly string[]; name: string }): string {
    const { folder, now = () => new Date(), runId = () => name } = this.#o;
    return runId(saveAnswers({ answers: this.#kept.get(answers), folder, name, now }));
  }

  /** Ends what runs and closes the engine. */
  async close(): Promise<void> {
    this.#end.abort();
    await this.#session.close();
  }

  async #answer({ request, signal: gone, emit }: AnswerOptions): Promise<void> {
    const { newId = () => crypto.randomUUID(), now = () => new Date() } = this.#o;
    const signal = AbortSignal.any([gone, this.#end.signal]);
    if (!this.#session.isOpen) emit({ type: "status", text: "Opening the model" });
    await this.#session.use(async (opened) => {
      const pair = await this.#pair({ opened, request, signal, emit });
      const { detectors } = await this.#known();
      const answers = await answerPair({ opened, pair, detectors, signal, emit });
      const id = newId();
      const label = opened.session.labels.find(({ index }) => index === pair.latent)?.label ?? null;
      this.#kept.put(id, { pair, answers, label, made: opened, createdAt: now().toISOString() });
      emit({ type: "done", answer: id });
    });
  }

  async #pair({ opened, request, signal, emit }: AnswerOptions & { opened: OpenedPlayground }) {
    const { session } = opened;
    const { cacheDir } = this.#o.machine;
    const { adapters, detectors } = await this.#known();
    const file = request.adapter === null ? undefined : adapters.get(request.adapter);
    const adapter =
      file === undefined ? null : await adaptersOf({ model: session.engine.info.path, cacheDir })(file);
    const by = request.steering?.by;
    if (by?.kind === "contrast") emit({ type: "status", text: "Reading the contrast prompts" });
    const vector = by?.kind === "contrast" ? await givenContrast({ session, ...by, signal }) : null;
    emit({ type: "status", text: "Answering" });
    return chosenPair({ request, session, adapter, vector, detectors });
  }

  async #open(): Promise<OpenedPlayground> {
    const opened = await openPlaygroundSession(this.#o);
    // what had to be fetched is there now
    this.#facts = null;
    return opened;
  }

  async #known(): Promise<PlaygroundFacts> {
    this.#facts ??= playgroundFacts(this.#o);
    const reading = this.#facts;
    try {
      return await reading;
    } catch (error) {
      if (this.#facts === reading) this.#facts = null;
      throw error;
    }
  }
}

function tooMany(running: number): HttpProblem {
  return new HttpProblem({
    status: 429,
    code: "TOO_MANY_ANSWERS",
    what: `${running} answers are being written.`,
    why: "More at a time would slow down all of them.",
    todo: "Wait for one to end, or stop it.",
  });
}
