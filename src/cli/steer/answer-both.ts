/** The same prompt and random stream, with and without an intervention. */
import type { Engine, Generation, Intervention, Sampling } from "../../engine/engine.ts";

export interface AnswerBothOptions {
  engine: Engine;
  tokens: Int32Array;
  sampling: Sampling;
  intervention: Intervention;
  signal: AbortSignal;
  /** Called for each token, with both texts so far. */
  onText: (texts: { unsteered: string; steered: string; tokens: number; tokensPerSecond: number }) => void;
  /** Milliseconds. @default performance.now */
  now?: () => number;
}

export interface BothAnswers {
  unsteered: Generation;
  steered: Generation;
  /** Of both together, the prompt's processing included. */
  tokensPerSecond: number;
}

/** Both run in one batch. Throws what the engine refuses. */
export async function answerBoth({
  engine,
  tokens,
  sampling,
  intervention,
  signal,
  onText,
  now = () => performance.now(),
}: AnswerBothOptions): Promise<BothAnswers> {
  const started = now();
  const texts: Record<string, string> = {};
  let count = 0;
  const pace = () => count / Math.max(1e-3, (now() - started) / 1000);
  const answers = new Map<string, Generation>();
  const requests = [
    { id: "unsteered", tokens, sampling },
    { id: "steered", tokens, sampling, intervention },
  ];
  const onToken = ({ id, text }: { id: string; text: string }) => {
    texts[id] = text;
    count++;
    const { unsteered = "", steered = "" } = texts;
    onText({ unsteered, steered, tokens: count, tokensPerSecond: pace() });
  };
  for await (const answer of engine.generate(requests, { signal, onToken })) {
    answers.set(answer.id, answer);
  }
  const unsteered = answers.get("unsteered");
  const steered = answers.get("steered");
  if (unsteered === undefined || steered === undefined) {
    throw new Error("the engine ended without an answer to each request");
  }
  return { unsteered, steered, tokensPerSecond: pace() };
}
