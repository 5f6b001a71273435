/**
 * Whether restart wording was learned by heart: a model that says one trained sentence shows that it remembers it, and not that it noticed
 * anything (METHOD.md 9.4). Texts are compared by their words, without case and punctuation.
 */
import { ACKNOWLEDGEMENTS, type Acknowledgement } from "../data/acknowledgements.ts";
import { normalised } from "../data/contamination.ts";
import type { FinetuneRecord } from "../data/record.ts";

/**
 * `trained`: holds a whole trained acknowledgement. `held-out`: one that was never trained. `pieces`: each of its sentences stands in some
 * trained acknowledgement. `own`: anything else.
 */
export const RESTART_KINDS = ["trained", "pieces", "held-out", "own"] as const;
export type RestartKind = (typeof RESTART_KINDS)[number];

export interface ClassifiedRestart {
  kind: RestartKind;
  /** Of the acknowledgement; null for `pieces` and `own`. */
  id: string | null;
}

type Known = Pick<Acknowledgement, "id" | "text">;

/** Those that data trained, and those that are held out and that it did not. */
export interface KnownPhrases {
  trained: Known[];
  heldOut: Known[];
}

/** Only training examples train; the acknowledgements of a validation example count if a training example has them, too. */
export function knownPhrases({ records }: { records: readonly FinetuneRecord[] }): KnownPhrases {
  const trained = new Map<string, Known>();
  for (const { acknowledgement, split } of records) {
    if (acknowledgement !== undefined && split === "train") {
      trained.set(normalised(acknowledgement.text), { id: acknowledgement.id, text: acknowledgement.text });
    }
  }
  const heldOut = ACKNOWLEDGEMENTS.filter((each) => each.heldOut && !trained.has(normalised(each.text)));
  return { trained: [...trained.values()], heldOut: heldOut.map(({ id, text }) => ({ id, text })) };
}

/** A restart as a judge found it. */
export interface SpokenRestart {
  /** Its wording. */
  phrase: string;
  /** The response from the wording on: a judge may cut the wording short. */
  text: string;
}

export function restartClassifier({
  trained,
  heldOut,
}: KnownPhrases): (restart: SpokenRestart) => ClassifiedRestart {
  const [learned, other] = [byLength(trained), byLength(heldOut)];
  const sentences = new Set(trained.flatMap(({ text }) => sentencesOf(text)));
  return ({ phrase, text }) => {
    const [whole, from] = [` ${normalised(phrase)} `, ` ${normalised(text)} `];
    const among = (list: readonly Worded[]) =>
      list.find(({ words }) => whole.includes(words) || from.startsWith(words))?.id;
    const learnedId = among(learned);
    if (learnedId !== undefined) return { kind: "trained", id: learnedId };
    const otherId = among(other);
    if (otherId !== undefined) return { kind: "held-out", id: otherId };
    const spoken = sentencesOf(phrase);
    const known = spoken.length > 0 && spoken.every((sentence) => sentences.has(sentence));
    return { kind: known ? "pieces" : "own", id: null };
  };
}

interface Worded {
  id: string;
  /** With a space at either end, so that words are found as a whole. */
  words: string;
}

/** The longest first: a short one may be the beginning of another. */
function byLength(list: readonly Known[]): Worded[] {
  return list
    .map(({ id, text }) => ({ id, words: ` ${normalised(text)} ` }))
    .filter(({ words }) => words.trim() !== "")
    .toSorted((a, b) => b.words.length - a.words.length);
}

function sentencesOf(text: string): string[] {
  return text
    .split(/(?<=[.!?:;])\s+/)
    .map(normalised)
    .filter((sentence) => sentence !== "");
}
