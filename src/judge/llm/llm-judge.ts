/** The `llm` judge: a language model reads the response and gives attempts and scores, which are then looked up in the text. */
import type { LlmAnswer, LlmClient, LlmFailure, LlmSpent } from "../../llm/llm-client.ts";
import {
  type Judge,
  type JudgedItem,
  type JudgeItem,
  type Judgement,
  type JudgementStatus,
  type JudgeOptions,
  OUTAGE,
} from "../judge.ts";
import { asTheyFinish } from "./as-they-finish.ts";
import { combineVotes } from "./combine-votes.ts";
import { JUDGE_PROMPT_VERSION, type JudgeVariant, judgePrompt, judgePromptHash } from "./prompt.ts";
import { type JudgeReply, replySchema } from "./schema.ts";
import { type ReadReply, readReply } from "./to-judgement.ts";

/** Changes whenever the same replies could become another judgement. */
const LLM_JUDGE_VERSION = "1";

export interface LlmJudgeOptions {
  /** A provider's, or the in-process engine behind the same interface. */
  client: LlmClient;
  /** @default "llm" */
  kind?: "llm" | "local-llm";
  variant: JudgeVariant;
  /** Times that each response is judged. @default 1 */
  votes?: number;
  /** Longest reply. @default 4096 */
  maxTokens?: number;
  /** Responses in work at once; the client sets the pace of requests. @default 64 */
  atOnce?: number;
}

export interface LlmJudge extends Judge {
  /** Calls, tokens and dollars since it was opened. */
  spent(): LlmSpent;
  /** Asks one small question past the cache, so that a wrong key or address is found before anything else is done. Throws what the client throws. */
  check(options?: JudgeOptions): Promise<LlmAnswer<JudgeReply>>;
}

export function openLlmJudge(options: LlmJudgeOptions): LlmJudge {
  return new Llm(options);
}

const CHECKED = { request: "What is two plus three?", response: "Two plus three is five.", label: "horses" };

class Llm implements LlmJudge {
  readonly name: string;
  readonly version = LLM_JUDGE_VERSION;
  readonly #client: LlmClient;
  readonly #kind: string;
  readonly #variant: JudgeVariant;
  readonly #votes: number;
  readonly #maxTokens: number;
  readonly #atOnce: number;

  constructor({ client, kind = "llm", variant, votes = 1, maxTokens = 4096, atOnce = 64 }: LlmJudgeOptions) {
    this.#client = client;
    this.#kind = kind;
    this.#variant = variant;
    this.#votes = votes;
    this.#maxTokens = maxTokens;
    this.#atOnce = atOnce;
    const { model = "model" } = client.describe();
    // judges of several models, variants or votes may judge one run, so the name tells them apart
    this.name = [kind, model, variant, ...(votes > 1 ? [`${votes} votes`] : [])].join(" ");
  }

  describe(): Record<string, string | number> {
    return {
      ...this.#client.describe(),
      judge: `${this.#kind}/${LLM_JUDGE_VERSION}`,
      variant: this.#variant,
      votes: this.#votes,
      promptVersion: JUDGE_PROMPT_VERSION,
      promptHash: judgePromptHash(this.#variant),
      maxTokens: this.#maxTokens,
    };
  }

  spent(): LlmSpent {
    return this.#client.spent();
  }

  async check({ signal }: JudgeOptions = {}): Promise<LlmAnswer<JudgeReply>> {
    return await this.#ask({ ...CHECKED, repeat: 0, fresh: true, signal });
  }

  async *judge(
    items: readonly JudgeItem[],
    { signal, repeat = 0 }: JudgeOptions = {},
  ): AsyncIterable<JudgedItem> {
    yield* asTheyFinish({
      items,
      limit: this.#atOnce,
      signal,
      task: async (item, both) => ({ id: item.id, judgement: await this.#judgeOne(item, repeat, both) }),
    });
  }

  async #judgeOne(item: JudgeItem, repeat: number, signal: AbortSignal): Promise<Judgement> {
    const { prompt: request, response, latentLabel } = item;
    if (response.trim() === "") {
      return this.#judgement({ status: "no-attempt", detail: { reason: "empty-response" } });
    }
    if (this.#variant === "told" && latentLabel === undefined) {
      return this.#judgement({
        status: "failed",
        detail: { reason: "the latent has no label to tell; judge blind" },
      });
    }
    const numbers = Array.from({ length: this.#votes }, (_, vote) => repeat * this.#votes + vote);
    const answers = await Promise.all(
      numbers.map((number) =>
        this.#ask({ request, response, label: latentLabel ?? null, repeat: number, signal }),
      ),
    );
    const facts = factsOf(answers);
    const replies = answers.flatMap((answer) => (answer.status === "ok" ? [answer.value] : []));
    const read = replies.map((reply) => readReply({ response, reply }));
    const votes = read.filter(({ status }) => status !== "unparsable");
    const failures = answers.filter((answer) => answer.status !== "ok");
    // an outage of some votes must not let a minority speak for all
    if (2 * votes.length <= this.#votes) {
      const { status, detail } = failureOf({ failures, replies, read, remote: this.#kind === "llm" });
      return this.#judgement({ status, detail: { ...facts, ...detail } });
    }
    const { status, attempts, feedback, rejected, assessment } = combineVotes(votes);
    return this.#judgement({
      status,
      attempts,
      detail: {
        ...facts,
        ...(status === "no-attempt" ? { reason: "none-found" } : {}),
        assessment,
        feedback: JSON.stringify(feedback),
        ...(rejected.length > 0
          ? { rejectedAttempts: rejected.length, rejections: rejected.join(", ") }
          : {}),
        ...(this.#votes > 1
          ? {
              votes: votes.length,
              voteAttempts: votes.map((vote) => vote.attempts.length),
              voteReplies: JSON.stringify(replies),
            }
          : {}),
      },
    });
  }

  async #ask(options: {
    request: string;
    response: string;
    label: string | null;
    repeat: number;
    fresh?: boolean;
    signal: AbortSignal | undefined;
  }): Promise<LlmAnswer<JudgeReply>> {
    const { request, response, repeat, fresh = false, signal } = options;
    const label = this.#variant === "told" ? options.label : null;
    return await this.#client.complete({
      ...judgePrompt({ request, response, label }),
      schema: replySchema,
      promptVersion: `judge-${this.#variant}/${JUDGE_PROMPT_VERSION}`,
      maxTokens: this.#maxTokens,
      temperature: 0,
      repeat,
      fresh,
      signal,
    });
  }

  #judgement({
    status,
    attempts = [],
    detail,
  }: Pick<Judgement, "status" | "detail"> & Partial<Judgement>): Judgement {
    return { judge: `${this.name}/${this.version}`, status, attempts, detail };
  }
}

/** What the calls of one judgement took, and which model answered. */
function factsOf(answers: readonly LlmAnswer<JudgeReply>[]): Judgement["detail"] {
  const sum = (numbers: (number | null)[]) => numbers.reduce<number>((total, each) => total + (each ?? 0), 0);
  const models = new Set(answers.flatMap(({ model }) => (model === null ? [] : [model])));
  return {
    inputTokens: sum(answers.map(({ usage }) => usage.inputTokens)),
    outputTokens: sum(answers.map(({ usage }) => usage.outputTokens)),
    costUsd: sum(answers.map(({ costUsd }) => costUsd)),
    cached: answers.filter(({ cached }) => cached).length,
    ...(models.size > 0 ? { model: [...models].join(", ") } : {}),
  };
}

const STATUS: Record<LlmFailure["status"], JudgementStatus> = {
  refused: "refused",
  "content-filter": "refused",
  unparsable: "unparsable",
  empty: "empty",
  failed: "failed",
};

interface FailureOptions {
  failures: readonly LlmAnswer<JudgeReply>[];
  replies: readonly JudgeReply[];
  read: readonly ReadReply[];
  /** Asked over a network, where a request that failed may go well later. */
  remote: boolean;
}

/** The failure of a response that too few votes judged: the first that happened; `cause` keeps refusal and filter apart. */
function failureOf({
  failures,
  replies,
  read,
  remote,
}: FailureOptions): Pick<Judgement, "status" | "detail"> {
  const [first] = failures.filter((answer) => answer.status !== "ok");
  if (first !== undefined) {
    const { status, reason, text } = first;
    const cause = status === "failed" && remote ? OUTAGE : status;
    return { status: STATUS[status], detail: { cause, reason, ...(text === null ? {} : { reply: text }) } };
  }
  const rejected = read.flatMap((each) => each.rejected);
  return {
    status: "unparsable",
    detail: {
      cause: "absent",
      reason: "the attempts that the judge names are not in the response",
      rejectedAttempts: rejected.length,
      rejections: rejected.join(", "),
      reply: JSON.stringify(replies),
    },
  };
}
