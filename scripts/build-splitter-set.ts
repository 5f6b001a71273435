/**
 * Writes `test/data/splitter/cases.jsonl`: responses whose attempt boundaries are known because they were spliced together here, from the
 * hand-written `restarts.json`, `negatives.json` and `frames.json` and the model's own `answers.json` beside it. The written file is the
 * truth that the splitter is held to; it is made anew only to add cases.
 *
 * Wordings come in families. A family, and with it every case of its wordings, belongs to the development or the held-out half by a hash
 * of its name, so that the grammar is never written against a family that it is reported on.
 */
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { createRng, type Rng } from "../src/stats/rng.ts";

const texts = z.array(z.string().min(1)).min(1);
const families = z.record(z.string(), texts);
const framesSchema = z.object({ offTopic: texts, onTopic: texts, clarifying: texts });
const answersSchema = z.object({ steered: texts, unsteered: texts });

export interface SplitterParts {
  restarts: z.infer<typeof families>;
  negatives: z.infer<typeof families>;
  frames: z.infer<typeof framesSchema>;
  answers: z.infer<typeof answersSchema>;
}

export type Half = "development" | "held-out";

export const CASE_KINDS = [
  "restart",
  "restart in model text",
  "restart in mid-sentence",
  "several restarts",
  "restart and look-alike",
  "restart with nothing after it",
  "restart at the very start",
  "look-alike",
  "look-alike in model text",
  "model text",
  "clarifying question",
] as const;

export const splitterCaseSchema = z.strictObject({
  id: z.string(),
  half: z.enum(["development", "held-out"]),
  kind: z.enum(CASE_KINDS),
  family: z.string(),
  response: z.string(),
  /** UTF-16 offsets at which restart wording begins and an attempt follows. */
  boundaries: z.array(z.number().int().positive()),
  /** Restart wording ends the response: announced, and no attempt. */
  trailing: z.boolean(),
});
export type SplitterCase = z.infer<typeof splitterCaseSchema>;

export function halfOf({ list, family }: { list: "restarts" | "negatives" | "texts"; family: string }): Half {
  const byte = createHash("sha256").update(`${list}:${family}`).digest()[0] ?? 0;
  return byte % 2 === 0 ? "development" : "held-out";
}

interface Wording {
  family: string;
  text: string;
}

interface Materials {
  restarts: Wording[];
  negatives: Wording[];
  offTopic: string[];
  onTopic: string[];
  steered: string[];
  unsteered: string[];
  clarifying: string[];
}

function materialsOf({ parts, half }: { parts: SplitterParts; half: Half }): Materials {
  const ofHalf = (list: "restarts" | "negatives") =>
    Object.entries(parts[list]).flatMap(([family, all]) =>
      halfOf({ list, family }) === half ? all.map((text) => ({ family, text })) : [],
    );
  const own = (all: readonly string[]) =>
    all.filter((text) => halfOf({ list: "texts", family: text }) === half);
  const { frames, answers } = parts;
  return {
    restarts: ofHalf("restarts"),
    negatives: ofHalf("negatives"),
    offTopic: own(frames.offTopic),
    onTopic: own(frames.onTopic),
    steered: own(answers.steered),
    unsteered: own(answers.unsteered),
    clarifying: own(frames.clarifying),
  };
}

function pick<T>(rng: Rng, items: readonly T[]): T {
  const item = items[rng.below(items.length)];
  if (item === undefined) throw new RangeError("nothing to pick from");
  return item;
}

const SEPARATORS = [" ", " ", "\n", "\n\n", "\n\n"];
/** Wording that is a line of its own, and wording that goes on in the same sentence. */
const LINE = /^(?:#|\*\*)/;
const INSIDE = /,$/;

/** Text that grows, and remembers where restarts begin. */
class Splice {
  text = "";
  readonly boundaries: number[] = [];
  readonly #rng: Rng;

  constructor({ rng }: { rng: Rng }) {
    this.#rng = rng;
  }

  add(piece: string): this {
    this.text += this.text === "" ? piece : pick(this.#rng, SEPARATORS) + piece;
    return this;
  }

  restart(wording: string, next: string | null): this {
    const before = LINE.test(wording) ? "\n\n" : INSIDE.test(wording) ? " — " : pick(this.#rng, SEPARATORS);
    if (this.text !== "") this.text += before;
    if (next !== null) this.boundaries.push(this.text.length);
    this.text += wording;
    if (next !== null) this.text += followed({ rng: this.#rng, wording, next });
    return this;
  }

  /** Breaks off in mid-sentence. */
  restartMid(wording: string, next: string): this {
    const words = this.text.replace(/[.!?]+$/, "").split(" ");
    this.text = words.slice(0, Math.max(6, words.length - 1 - this.#rng.below(4))).join(" ");
    this.text += pick(this.#rng, [" — ", " - ", "... ", "—"]);
    this.boundaries.push(this.text.length);
    this.text += wording + followed({ rng: this.#rng, wording, next });
    return this;
  }
}

function followed({ rng, wording, next }: { rng: Rng; wording: string; next: string }): string {
  if (LINE.test(wording)) return `\n\n${next}`;
  if (INSIDE.test(wording)) return ` ${next.charAt(0).toLowerCase()}${next.slice(1)}`;
  return pick(rng, [" ", " ", "\n\n"]) + next;
}

/** Cases of one half, in a fixed order. */
function casesOf({ parts, half, seed }: { parts: SplitterParts; half: Half; seed: number }): SplitterCase[] {
  const rng = createRng({ seed, stream: half === "development" ? 0 : 1 });
  const have = materialsOf({ parts, half });
  const cases: SplitterCase[] = [];
  const put = (kind: SplitterCase["kind"], family: string, splice: Splice, trailing = false) =>
    cases.push({
      id: `${half}-${cases.length}`,
      half,
      kind,
      family,
      response: splice.text,
      boundaries: splice.boundaries,
      trailing,
    });
  const fresh = () => new Splice({ rng });
  const every = (n: number, items: readonly Wording[]) => items.filter((_, i) => i % n === 0);
  for (const { family, text } of have.restarts) {
    put("restart", family, fresh().add(pick(rng, have.offTopic)).restart(text, pick(rng, have.onTopic)));
    const first = pick(rng, have.steered);
    put("restart in model text", family, fresh().add(first).restart(text, pick(rng, have.unsteered)));
  }
  for (const { family, text } of every(
    3,
    have.restarts.filter(({ text }) => !LINE.test(text)),
  )) {
    const first = pick(
      rng,
      have.offTopic.filter((each) => !each.includes("\n")),
    );
    put("restart in mid-sentence", family, fresh().add(first).restartMid(text, pick(rng, have.onTopic)));
  }
  for (const { family, text } of every(4, have.restarts)) {
    const splice = fresh().add(pick(rng, have.offTopic)).restart(text, pick(rng, have.onTopic));
    const more = 1 + rng.below(3);
    for (let i = 0; i < more; i++)
      splice.restart(pick(rng, have.restarts).text, pick(rng, [...have.onTopic, ...have.offTopic]));
    put("several restarts", family, splice);
  }
  for (const { family, text } of every(5, have.restarts)) {
    const splice = fresh().add(pick(rng, have.offTopic)).restart(text, pick(rng, have.onTopic));
    put(
      "restart and look-alike",
      family,
      splice.add(pick(rng, have.negatives).text).add(pick(rng, have.onTopic)),
    );
    put(
      "restart with nothing after it",
      family,
      fresh().add(pick(rng, have.offTopic)).restart(text, null),
      true,
    );
    const opening = fresh().restart(text, null).add(pick(rng, have.onTopic));
    put("restart at the very start", family, opening);
  }
  for (const { family, text } of have.negatives) {
    put("look-alike", family, fresh().add(pick(rng, have.onTopic)).add(text).add(pick(rng, have.onTopic)));
    const model = fresh().add(pick(rng, have.unsteered)).add(text);
    put("look-alike in model text", family, model);
  }
  for (const text of [...have.steered, ...have.unsteered]) put("model text", "model", fresh().add(text));
  for (const text of have.clarifying) put("clarifying question", "clarifying", fresh().add(text));
  return cases;
}

export function buildSplitterSet({ parts, seed }: { parts: SplitterParts; seed: number }): SplitterCase[] {
  return (["development", "held-out"] as const).flatMap((half) => casesOf({ parts, half, seed }));
}

export const SPLITTER_FOLDER = join(import.meta.dirname, "../test/data/splitter");

export function readSplitterParts(): SplitterParts {
  const read = (name: string): unknown => JSON.parse(readFileSync(join(SPLITTER_FOLDER, name), "utf8"));
  return {
    restarts: families.parse(read("restarts.json")),
    negatives: families.parse(read("negatives.json")),
    frames: framesSchema.parse(read("frames.json")),
    answers: answersSchema.parse(read("answers.json")),
  };
}

export function readSplitterSet(): SplitterCase[] {
  const text = readFileSync(join(SPLITTER_FOLDER, "cases.jsonl"), "utf8");
  return text
    .trimEnd()
    .split("\n")
    .map((line) => splitterCaseSchema.parse(JSON.parse(line)));
}

if (import.meta.main) {
  const cases = buildSplitterSet({ parts: readSplitterParts(), seed: 1 });
  const lines = cases.map((each) => `${JSON.stringify(each)}\n`);
  writeFileSync(join(SPLITTER_FOLDER, "cases.jsonl"), lines.join(""));
}
