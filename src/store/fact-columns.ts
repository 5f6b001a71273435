/** Facts of many trials in columns: a report goes over hundreds of thousands of them again and again. */
import { z } from "zod";
import { CountersteerError, messageOf } from "../errors.ts";
import type { JudgementStatus, TrialRecord } from "./records.ts";
import type { JudgementFact } from "./trial-facts.ts";

/** Facts of a trial and of a judgement of it, if there is one. */
export interface JudgedFact {
  key: string;
  arm: string;
  unit: string;
  latent: number | null;
  promptIndex: number;
  /** There is no response. */
  failed: boolean;
  degraded: boolean;
  finish: TrialRecord["finish"];
  /** Of the receipt; null without steering. */
  meanDose: number | null;
  /** null where the judge has not seen the trial, and then all below is as without a score. */
  status: JudgementStatus | null;
  scored: number;
  first: number | null;
  last: number | null;
  firstLength: number;
  lastLength: number;
  recovered: boolean | null;
  sizes: JudgementFact["sizes"];
}

/** One place a trial; numbers that are null are NaN, a latent is -1. */
export interface FactColumns {
  length: number;
  key: string[];
  arm: string[];
  unit: string[];
  latent: Int32Array;
  promptIndex: Int32Array;
  meanDose: Float64Array;
  first: Float64Array;
  last: Float64Array;
  firstLength: Int32Array;
  lastLength: Int32Array;
  scored: Int32Array;
  failed: Uint8Array;
  degraded: Uint8Array;
  /** 0 null, 1 false, 2 true. */
  recovered: Uint8Array;
  finish: TrialRecord["finish"][];
  status: (JudgementStatus | null)[];
  /** As text until somebody wants them: most statistics don't. null where there is one attempt and it has a score: it is in the columns. */
  sizes: (string | JudgementFact["sizes"] | null)[];
}

export function emptyColumns(length: number): FactColumns {
  const list = <T>(value: T): T[] => new Array<T>(length).fill(value);
  return {
    length,
    key: list(""),
    arm: list(""),
    unit: list(""),
    latent: new Int32Array(length),
    promptIndex: new Int32Array(length),
    meanDose: new Float64Array(length),
    first: new Float64Array(length),
    last: new Float64Array(length),
    firstLength: new Int32Array(length),
    lastLength: new Int32Array(length),
    scored: new Int32Array(length),
    failed: new Uint8Array(length),
    degraded: new Uint8Array(length),
    recovered: new Uint8Array(length),
    finish: list<TrialRecord["finish"]>(null),
    status: list<JudgementStatus | null>(null),
    sizes: list<string | JudgementFact["sizes"] | null>(null),
  };
}

export function columnsOfFacts(facts: readonly JudgedFact[]): FactColumns {
  const columns = emptyColumns(facts.length);
  for (const [i, fact] of facts.entries()) {
    columns.key[i] = fact.key;
    columns.arm[i] = fact.arm;
    columns.unit[i] = fact.unit;
    columns.latent[i] = fact.latent ?? -1;
    columns.promptIndex[i] = fact.promptIndex;
    columns.meanDose[i] = fact.meanDose ?? Number.NaN;
    columns.first[i] = fact.first ?? Number.NaN;
    columns.last[i] = fact.last ?? Number.NaN;
    columns.firstLength[i] = fact.firstLength;
    columns.lastLength[i] = fact.lastLength;
    columns.scored[i] = fact.scored;
    columns.failed[i] = Number(fact.failed);
    columns.degraded[i] = Number(fact.degraded);
    columns.recovered[i] = fact.recovered === null ? 0 : 1 + Number(fact.recovered);
    columns.finish[i] = fact.finish;
    columns.status[i] = fact.status;
    columns.sizes[i] = fact.sizes;
  }
  return columns;
}

/** The places in `order` only, in that order. */
export function chooseFacts(from: FactColumns, order: Int32Array): FactColumns {
  const to = emptyColumns(order.length);
  const text = (column: string[]) => Array.from(order, (at) => column[at] ?? "");
  for (const name of [
    "latent",
    "promptIndex",
    "meanDose",
    "first",
    "last",
    "firstLength",
    "lastLength",
    "scored",
  ] as const) {
    move(from[name], to[name], order);
  }
  for (const name of ["failed", "degraded", "recovered"] as const) move(from[name], to[name], order);
  return {
    ...to,
    key: text(from.key),
    arm: text(from.arm),
    unit: text(from.unit),
    finish: Array.from(order, (at) => from.finish[at] ?? null),
    status: Array.from(order, (at) => from.status[at] ?? null),
    sizes: Array.from(order, (at) => from.sizes[at] ?? null),
  };
}

type Numbers = Float64Array | Int32Array | Uint8Array;

function move(from: Numbers, to: Numbers, order: Int32Array): void {
  for (let i = 0; i < order.length; i++) to[i] = from[order[i] ?? -1] ?? 0;
}

/** One place of the columns as an object. */
export class FactAt implements JudgedFact {
  readonly #columns: FactColumns;
  readonly #at: number;

  constructor(columns: FactColumns, at: number) {
    this.#columns = columns;
    this.#at = at;
  }

  get key(): string {
    return this.#columns.key[this.#at] ?? "";
  }
  get arm(): string {
    return this.#columns.arm[this.#at] ?? "";
  }
  get unit(): string {
    return this.#columns.unit[this.#at] ?? "";
  }
  get latent(): number | null {
    const latent = this.#columns.latent[this.#at] ?? -1;
    return latent < 0 ? null : latent;
  }
  get promptIndex(): number {
    return this.#columns.promptIndex[this.#at] ?? 0;
  }
  get failed(): boolean {
    return this.#columns.failed[this.#at] === 1;
  }
  get degraded(): boolean {
    return this.#columns.degraded[this.#at] === 1;
  }
  get finish(): TrialRecord["finish"] {
    return this.#columns.finish[this.#at] ?? null;
  }
  get meanDose(): number | null {
    return numberOrNull(this.#columns.meanDose[this.#at]);
  }
  get status(): JudgementStatus | null {
    return this.#columns.status[this.#at] ?? null;
  }
  get scored(): number {
    return this.#columns.scored[this.#at] ?? 0;
  }
  get first(): number | null {
    return numberOrNull(this.#columns.first[this.#at]);
  }
  get last(): number | null {
    return numberOrNull(this.#columns.last[this.#at]);
  }
  get firstLength(): number {
    return this.#columns.firstLength[this.#at] ?? 0;
  }
  get lastLength(): number {
    return this.#columns.lastLength[this.#at] ?? 0;
  }
  get recovered(): boolean | null {
    const code = this.#columns.recovered[this.#at] ?? 0;
    return code === 0 ? null : code === 2;
  }
  get sizes(): JudgementFact["sizes"] {
    const sizes = this.#columns.sizes[this.#at] ?? null;
    if (sizes === null) return this.scored === 1 ? [[this.firstLength, this.first]] : [];
    return typeof sizes === "string" ? readSizes(sizes) : sizes;
  }
}

const sizesSchema = z.array(z.tuple([z.number(), z.number().nullable()]));

/** Throws STORE_CORRUPT. */
function readSizes(text: string): JudgementFact["sizes"] {
  try {
    return sizesSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new CountersteerError("STORE_CORRUPT", {
      what: "A judgement's attempts can't be read.",
      why: `What the run has stored of their scores is damaged: ${messageOf(cause)}.`,
      todo: "Restore run.sqlite from a copy, or start the run anew in another folder.",
      cause,
    });
  }
}

function numberOrNull(value = Number.NaN): number | null {
  return Number.isNaN(value) ? null : value;
}
