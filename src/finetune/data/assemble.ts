/** From starts, acknowledgements and answers to records. */
import { splitRestarts } from "../../judge/restart-splitter.ts";
import { createRng } from "../../stats/rng.ts";
import { type Acknowledgement, drawAcknowledgements } from "./acknowledgements.ts";
import { answerOf, type FinetuneRecord } from "./record.ts";
import type { Split } from "./split-prompts.ts";
import { drop, emptyTally, type Tally } from "./tally.ts";

/** An off-topic start of an answer to `prompt`. */
export interface Start {
  prompt: string;
  text: string;
  subject?: string | undefined;
  steering?: { latent: number; strength: number } | undefined;
}

export interface AssembleOptions {
  starts: readonly Start[];
  /** Right answers by prompt, the best first. */
  answers: ReadonlyMap<string, readonly string[]>;
  /** Those that have the length of a trial's; normal answers only. */
  longAnswers?: ReadonlyMap<string, readonly string[]>;
  splits: ReadonlyMap<string, Split>;
  /** Wanted. */
  selfCorrections: number;
  normal: number;
  /** How many of the normal answers are long ones, as far as there are so many. */
  long?: number;
  seed: number;
}

export interface Assembled {
  records: FinetuneRecord[];
  tally: Tally;
}

const GAPS = [" ", "\n\n"];

/**
 * Self-corrections first, then normal answers. An answer is used again only where a prompt has no other left. An example whose
 * restart our own splitter would not find where it is, is dropped: an evaluation would not see what it teaches.
 */
export function assemble(options: AssembleOptions): Assembled {
  const {
    starts,
    answers,
    longAnswers = new Map(),
    splits,
    selfCorrections,
    normal,
    long = 0,
    seed,
  } = options;
  const tally = emptyTally();
  const take = leastUsed(answers);
  const acknowledgements = drawAcknowledgements({ count: starts.length, seed });
  const rng = createRng({ seed, stream: 1 });
  const gap = () => GAPS[rng.below(GAPS.length)] ?? " ";
  const corrected: FinetuneRecord[] = [];
  for (const [i, start] of starts.entries()) {
    if (corrected.length >= selfCorrections) break;
    const split = splits.get(start.prompt);
    const acknowledgement = acknowledgements[i];
    const [before, after] = [gap(), gap()];
    tally.made += 1;
    const answer = take(start.prompt);
    if (split === undefined || acknowledgement === undefined || answer === null) {
      drop(tally, "no-answer");
      continue;
    }
    const record: FinetuneRecord = {
      id: `c${String(corrected.length + 1).padStart(4, "0")}`,
      kind: "self-correction",
      prompt: start.prompt,
      segments: [
        { text: start.text, trained: false },
        { text: `${before}${acknowledgement.text}${after}${answer}`, trained: true },
      ],
      acknowledgement: { ...acknowledgement },
      ...(start.subject === undefined ? {} : { subject: start.subject }),
      split,
      ...(start.steering === undefined ? {} : { steering: start.steering }),
    };
    if (!isOneRestart(record, acknowledgement)) {
      drop(tally, "restart-not-found");
      continue;
    }
    corrected.push(record);
    tally.kept += 1;
  }
  const longer = normalAnswers({ answers: longAnswers, splits, count: long, take: leastUsed(longAnswers) });
  const shorter = normalAnswers({ answers, splits, count: normal - longer.length, take });
  return { records: [...corrected, ...[...shorter, ...longer].map(normalRecord)], tally };
}

interface NormalAnswer {
  prompt: string;
  text: string;
  split: Split;
}

function normalRecord({ prompt, text, split }: NormalAnswer, i: number): FinetuneRecord {
  const id = `n${String(i + 1).padStart(4, "0")}`;
  return { id, kind: "normal", prompt, segments: [{ text, trained: true }], split };
}

/** Each prompt's next answer in turn, until there are enough; no answer twice among the normal ones. */
function normalAnswers({
  answers,
  splits,
  count,
  take,
}: {
  answers: AssembleOptions["answers"];
  splits: AssembleOptions["splits"];
  count: number;
  take: (prompt: string) => string | null;
}): NormalAnswer[] {
  const records: NormalAnswer[] = [];
  const given = new Set<string>();
  const most = Math.max(0, ...[...answers.values()].map(({ length }) => length));
  for (let round = 0; round < most; round++) {
    for (const [prompt, list] of answers) {
      const split = splits.get(prompt);
      if (records.length >= count) return records;
      if (round >= list.length || split === undefined) continue;
      const unused = list.filter((text) => !given.has(`${prompt}\n${text}`));
      const text = nextOf({ take, prompt, among: unused });
      if (text === null) continue;
      given.add(`${prompt}\n${text}`);
      records.push({ prompt, text, split });
    }
  }
  return records;
}

/** The least used answer if it is among those that may be taken, else the first of those. */
function nextOf({
  take,
  prompt,
  among,
}: {
  take: (prompt: string) => string | null;
  prompt: string;
  among: readonly string[];
}): string | null {
  if (among.length === 0) return null;
  const taken = take(prompt);
  return taken !== null && among.includes(taken) ? taken : (among[0] ?? null);
}

/** Gives a prompt's answers in turn: the best of those that were given least often. */
function leastUsed(answers: AssembleOptions["answers"]): (prompt: string) => string | null {
  const next = new Map<string, number>();
  return (prompt) => {
    const list = answers.get(prompt) ?? [];
    const at = next.get(prompt) ?? 0;
    next.set(prompt, at + 1);
    return list[at % Math.max(1, list.length)] ?? null;
  };
}

/** True if the answer is two attempts, the second of which begins with the acknowledgement. */
function isOneRestart(record: FinetuneRecord, { text }: Pick<Acknowledgement, "text">): boolean {
  const answer = answerOf(record);
  const begin = record.segments[0]?.text.length ?? 0;
  const { attempts, trailingRestart } = splitRestarts(answer, { legacy: false });
  const second = attempts[1];
  return attempts.length === 2 && trailingRestart === null && second?.start === answer.indexOf(text, begin);
}
