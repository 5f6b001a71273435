/** Both answers to one question, in one batch, with what is measured while they are written. */
import type { CallOptions, Generation, GenerationRequest } from "../../../engine/engine.ts";
import { judgeResponse } from "../../../experiment/generate-and-judge.ts";
import { isJudgeFailure, type Judgement } from "../../../judge/judge.ts";
import { splitRestarts } from "../../../judge/restart-splitter.ts";
import { throwIfAborted } from "../../../model/aborted.ts";
import { type PlaygroundEvent, SIDES, type Side } from "../api/playground.ts";
import type { ChosenPair } from "./chosen-pair.ts";
import { detectorsRecorded, detectorsSoFar, topicalityOf } from "./measure-curves.ts";
import { MeasuringPace } from "./measuring-pace.ts";
import type { OpenedPlayground } from "./open-session.ts";

export interface AnswerPairOptions {
  opened: OpenedPlayground;
  pair: ChosenPair;
  detectors: readonly number[];
  /** Ends both answers. */
  signal: AbortSignal;
  emit: (event: PlaygroundEvent) => void;
}

export interface SideAnswer {
  generation: Generation;
  /** null where the judge has no calibration. */
  judgement: Judgement | null;
}

/** Throws what the engine refuses, and ABORTED. Nothing is emitted after that. */
export async function answerPair(options: AnswerPairOptions): Promise<Record<Side, SideAnswer>> {
  const { opened, pair, signal } = options;
  const { engine, chatOf } = opened.session;
  const prompt = await chatOf(pair.sides.steered.setup.messages);
  const sides = {
    steered: new SideWriter("steered", prompt, options),
    unsteered: new SideWriter("unsteered", prompt, options),
  };
  const call: CallOptions = {
    signal,
    onToken: ({ id, token, text }) => sideOf(sides, id).grow(token, text),
  };
  const finished: Promise<void>[] = [];
  const answers: Partial<Record<Side, SideAnswer>> = {};
  try {
    const requests = SIDES.map((side) => sides[side].request());
    for await (const generation of engine.generate(requests, call)) {
      const writer = sideOf(sides, generation.id);
      const end = writer.finish(generation).then((answer) => {
        answers[writer.side] = answer;
      });
      // told by the wait for all below
      end.catch(() => undefined);
      finished.push(end);
    }
    await Promise.all(finished);
  } finally {
    await Promise.all(SIDES.map((side) => sides[side].stop()));
  }
  const { steered, unsteered } = answers;
  if (steered === undefined || unsteered === undefined) {
    throw new Error("the engine ended without an answer to each request");
  }
  return { steered, unsteered };
}

function sideOf(sides: Record<Side, SideWriter>, id: string): SideWriter {
  return id === "steered" ? sides.steered : sides.unsteered;
}

class SideWriter {
  readonly side: Side;
  readonly #prompt: Int32Array;
  readonly #o: AnswerPairOptions;
  readonly #pace: MeasuringPace;
  readonly #tokens: number[] = [];
  readonly #offsets: number[] = [];
  #text = "";

  constructor(side: Side, prompt: Int32Array, options: AnswerPairOptions) {
    this.side = side;
    this.#prompt = prompt;
    this.#o = options;
    this.#pace = new MeasuringPace({ measure: (tokens, signal) => this.#measure(tokens, signal) });
  }

  request(): GenerationRequest {
    const { pair, opened } = this.#o;
    const { setup } = pair.sides[this.side];
    const { seed } = pair;
    const { dictionary, layer } = opened.session;
    const { recording, adapter } = pair;
    return {
      id: this.side,
      tokens: this.#prompt,
      sampling: { ...pair.sampling, seed },
      ...(setup.intervention === null ? {} : { intervention: setup.intervention }),
      ...(recording === null ? {} : { record: { layer, sae: dictionary.path, latents: recording.latents } }),
      ...(adapter === null ? {} : { adapter: adapter.path }),
    };
  }

  grow(token: number, text: string): void {
    if (this.#o.signal.aborted) return;
    this.#tokens.push(token);
    this.#offsets.push(this.#text.length);
    this.#show(text);
    this.#pace.grown(this.#tokens.length);
  }

  /** The last measurement, the judge's word and the receipt. */
  async finish(generation: Generation): Promise<SideAnswer> {
    const { pair, detectors, emit, signal } = this.#o;
    this.#show(generation.text);
    await this.stop();
    const judgement = await this.#judge(generation);
    const curve = judgement?.detail.curve;
    const topicality = Array.isArray(curve) ? curve : await this.#topicality(generation.tokens, signal);
    const latents = pair.recording?.latents ?? [];
    throwIfAborted({ signal, what: "The answer" });
    emit({
      type: "curves",
      side: this.side,
      offsets: [...generation.offsets],
      detectors: detectorsRecorded({ generation, latents, detectors }),
      topicality,
    });
    const { text, finish, tokens, receipt } = generation;
    emit({
      type: "end",
      side: this.side,
      text,
      finish,
      tokens: tokens.length,
      dose: receipt?.meanDose ?? null,
      rowsEdited: receipt?.rowsEdited ?? 0,
      attempts: attemptsOf({ text, judgement }),
    });
    return { generation, judgement };
  }

  stop(): Promise<void> {
    return this.#pace.stop();
  }

  #show(text: string): void {
    // a character that is not complete yet is no part of the text, so that it only grows
    const piece = text.slice(this.#text.length);
    this.#text = text;
    if (piece !== "") this.#o.emit({ type: "text", side: this.side, text: piece });
  }

  async #measure(count: number, ended: AbortSignal): Promise<void> {
    const { opened, pair, detectors, emit } = this.#o;
    const { setup } = pair.sides[this.side];
    const signal = AbortSignal.any([ended, this.#o.signal]);
    const tokens = Int32Array.from(this.#tokens.slice(0, count));
    const offsets = this.#offsets.slice(0, count);
    const [topicality, sums] = await Promise.all([
      this.#topicality(tokens, signal),
      detectors.length === 0
        ? null
        : detectorsSoFar({
            session: opened.session,
            detectors,
            prompt: this.#prompt,
            tokens,
            intervention: setup.intervention,
            adapter: pair.adapter?.path ?? null,
            signal,
          }),
    ]);
    if (!signal.aborted) emit({ type: "curves", side: this.side, offsets, detectors: sums, topicality });
  }

  async #topicality(tokens: Int32Array, signal: AbortSignal): Promise<number[] | null> {
    const { opened, pair } = this.#o;
    if (tokens.length === 0) return null;
    const prompt = pair.sides[this.side].setup.judgedPrompt;
    return await topicalityOf({ session: opened.session, prompt, tokens, signal });
  }

  async #judge(generation: Generation): Promise<Judgement | null> {
    const { opened, pair, signal } = this.#o;
    const { session, judge } = opened;
    if (judge === null) return null;
    return await judgeResponse({
      runtime: { session, judge, call: { signal } },
      id: this.side,
      prompt: pair.sides[this.side].setup.judgedPrompt,
      latent: pair.latent,
      generation,
    });
  }
}

type Shown = Extract<PlaygroundEvent, { type: "end" }>["attempts"];

/** The judge's, or those of the splitter alone where nothing was scored. */
export function attemptsOf({ text, judgement }: { text: string; judgement: Judgement | null }): Shown {
  const found =
    judgement === null || isJudgeFailure(judgement)
      ? splitRestarts(text).attempts.map((attempt) => ({ ...attempt, score: null }))
      : judgement.attempts;
  return found.map(({ start, end, restartPhrase, score }) => ({ start, end, restartPhrase, score }));
}
