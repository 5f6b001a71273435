/**
 * From records to tokens and loss masks (METHOD.md 9.2). The prompt stands in the model's chat template as at generation; each segment is
 * tokenised on its own, so that the border between masked and trained text is a border between tokens; the end-of-turn token is trained.
 */
import { chatTokens } from "../../engine/chat-tokens.ts";
import { CountersteerError } from "../../errors.ts";
import { answerOf, type FinetuneRecord } from "../data/record.ts";
import { endOfTurn, type Tokeniser } from "./end-of-turn.ts";
import type { TrainingExample } from "./training-example.ts";

export interface TokeniseRecordsOptions {
  engine: Tokeniser;
  records: readonly FinetuneRecord[];
}

/**
 * Examples in the records' order. Throws CONFIG_INVALID for a record whose text the tokens would not give back (it holds a control token),
 * or none of whose text is trained; TEMPLATE_INVALID, PROMPT_EMPTY.
 */
export async function tokeniseRecords({
  engine,
  records,
}: TokeniseRecordsOptions): Promise<TrainingExample[]> {
  const end = await endOfTurn({ engine });
  const examples: TrainingExample[] = [];
  for (const record of records) examples.push(await tokenise({ engine, record, end }));
  return examples;
}

async function tokenise({
  engine,
  record,
  end,
}: {
  engine: Tokeniser;
  record: FinetuneRecord;
  end: number;
}): Promise<TrainingExample> {
  const { id, kind, split, prompt, segments, steering = null } = record;
  const question = await chatTokens({ engine, messages: [{ role: "user", content: prompt }] });
  const parts: { tokens: ArrayLike<number>; trained: boolean }[] = [{ tokens: question, trained: false }];
  for (const { text, trained } of segments) parts.push({ tokens: await engine.tokenize(text), trained });
  if (!parts.some((part) => part.trained && part.tokens.length > 0)) throw nothingTrained(record);
  const answer = parts.slice(1).flatMap((part) => Array.from(part.tokens));
  if ((await engine.detokenize(Int32Array.from(answer))) !== answerOf(record)) throw textLost(record);
  parts.push({ tokens: [end], trained: true });
  return {
    id,
    kind,
    split,
    steering,
    tokens: Int32Array.from(parts.flatMap(({ tokens }) => Array.from(tokens))),
    trained: Uint8Array.from(
      parts.flatMap((part) => Array<number>(part.tokens.length).fill(Number(part.trained))),
    ),
  };
}

function nothingTrained({ id }: FinetuneRecord): CountersteerError {
  return new CountersteerError("CONFIG_INVALID", {
    what: `The mask of example ${id} covers its whole answer.`,
    why: "Every segment is masked from the loss, so there is nothing to learn from it.",
    todo: 'Mark a segment of it by "trained": true, or remove it.',
    facts: { example: id },
  });
}

function textLost({ id }: FinetuneRecord): CountersteerError {
  return new CountersteerError("CONFIG_INVALID", {
    what: `The answer of example ${id} can't be written in the model's tokens as it is.`,
    why: "It holds text that the model reads as a control token (an end of turn, for example), or the tokeniser changes text at segment borders.",
    todo: "Remove the control token from its text.",
    facts: { example: id },
  });
}
