/**
 * JSON in few bytes: what of a record nobody looks at in SQL (receipts, the judges' details with their curves) would else be most of a run.
 * A value has a tag and then its content; numbers are whole, thousandths or float64; names and texts that come often are numbers in a list.
 * Object fields lie in code-unit order, as in canonical JSON, and -0 is 0 as there.
 */
import { foldSign, unfoldSign } from "./packed-integers.ts";

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** Part of the store's format: names may be added at the end, nothing else. */
const COMMON: readonly string[] = [
  "layer",
  "rowsEdited",
  "promptRows",
  "generatedRows",
  "meanDose",
  "meanNormBefore",
  "meanNormAfter",
  "edits",
  "kind",
  "latent",
  "rowsChanged",
  "meanValueBefore",
  "meanValueAfter",
  "meanSquaredError",
  "add",
  "clamp",
  "replace",
  "components",
  "detail",
  "dispersion",
  "fluency",
  "logProb",
  "onTopic",
  "repetition",
  "tokens",
  "topicality",
  "contrasts",
  "curve",
  "recoveryStatistic",
  "implicitRecoveryAt",
  "reason",
  "raw",
];
const PLACES = new Map(COMMON.map((text, place) => [text, place]));

const NULL = 0;
const FALSE = 1;
const TRUE = 2;
const WHOLE = 3;
const THOUSANDTHS = 4;
const DOUBLE = 5;
const COMMON_TEXT = 6;
const TEXT = 7;
/** A text with half of a surrogate pair, which UTF-8 can't hold. */
const BROKEN_TEXT = 8;
const LIST = 9;
/** Of thousandths only: no tags within. */
const CURVE = 10;
const OBJECT = 11;

const LARGEST = 2 ** 30;
const scratch = new DataView(new ArrayBuffer(8));

/** Throws a TypeError for what JSON can't hold. */
export function packJson(value: Json): Uint8Array {
  const bytes: number[] = [];
  write(bytes, value);
  return Uint8Array.from(bytes);
}

/** Throws a RangeError for bytes that `packJson` does not write. */
export function unpackJson(bytes: Uint8Array): Json {
  const reader = new Reader(bytes);
  const value = reader.value();
  if (reader.left !== 0) throw new RangeError("bytes are left after packed JSON");
  return value;
}

function write(bytes: number[], value: Json): void {
  if (value === null) bytes.push(NULL);
  else if (typeof value === "boolean") bytes.push(value ? TRUE : FALSE);
  else if (typeof value === "number") writeNumber(bytes, value);
  else if (typeof value === "string") writeText(bytes, value);
  else if (Array.isArray(value)) writeList(bytes, value);
  else {
    const fields = Object.entries(value)
      .filter(([, field]) => field !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    bytes.push(OBJECT);
    writeCount(bytes, fields.length);
    for (const [name, field] of fields) {
      writeText(bytes, name);
      write(bytes, field);
    }
  }
}

function writeNumber(bytes: number[], value: number): void {
  if (!Number.isFinite(value)) throw new TypeError(`${value} has no JSON form`);
  const whole = thousandthsOf(value);
  if (Number.isInteger(value) && Math.abs(value) < LARGEST) {
    bytes.push(WHOLE);
    writeCount(bytes, foldSign(value));
  } else if (whole !== null) {
    bytes.push(THOUSANDTHS);
    writeCount(bytes, foldSign(whole));
  } else {
    scratch.setFloat64(0, value, true);
    bytes.push(DOUBLE);
    for (let i = 0; i < 8; i++) bytes.push(scratch.getUint8(i));
  }
}

/** The value times a thousand where it comes back from that exactly, else null. */
function thousandthsOf(value: number): number | null {
  const whole = Math.round(value * 1000);
  return Math.abs(whole) < LARGEST && whole / 1000 === value ? whole : null;
}

function writeText(bytes: number[], text: string): void {
  const place = PLACES.get(text);
  if (place !== undefined) {
    bytes.push(COMMON_TEXT);
    writeCount(bytes, place);
    return;
  }
  const wellFormed = text.isWellFormed();
  const content = Buffer.from(text, wellFormed ? "utf8" : "utf16le");
  bytes.push(wellFormed ? TEXT : BROKEN_TEXT);
  writeCount(bytes, content.length);
  for (const byte of content) bytes.push(byte);
}

function writeList(bytes: number[], list: readonly Json[]): void {
  const curve =
    list.length < 2 ? null : list.map((item) => (typeof item === "number" ? thousandthsOf(item) : null));
  if (curve?.every((whole) => whole !== null) === true) {
    bytes.push(CURVE);
    writeCount(bytes, curve.length);
    for (const whole of curve) writeCount(bytes, foldSign(whole));
    return;
  }
  bytes.push(LIST);
  writeCount(bytes, list.length);
  for (const item of list) write(bytes, item);
}

/** As `packIntegers` does. */
function writeCount(bytes: number[], value: number): void {
  let rest = value >>> 0;
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  bytes.push(rest);
}

class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  value(): Json {
    const tag = this.#byte();
    switch (tag) {
      case NULL:
        return null;
      case FALSE:
        return false;
      case TRUE:
        return true;
      case WHOLE:
        return unfoldSign(this.#count());
      case THOUSANDTHS:
        return unfoldSign(this.#count()) / 1000;
      case DOUBLE:
        return Buffer.from(this.#take(8)).readDoubleLE();
      case COMMON_TEXT:
      case TEXT:
      case BROKEN_TEXT:
        return this.#text(tag);
      case LIST:
        return Array.from({ length: this.#length() }, () => this.value());
      case CURVE:
        return Array.from({ length: this.#length() }, () => unfoldSign(this.#count()) / 1000);
      case OBJECT:
        return this.#object();
      default:
        throw new RangeError(`packed JSON has no tag ${tag}`);
    }
  }

  #object(): Json {
    const fields: [string, Json][] = [];
    for (let left = this.#length(); left > 0; left--) {
      fields.push([this.#text(this.#byte()), this.value()]);
    }
    return Object.fromEntries(fields);
  }

  #text(tag: number): string {
    if (tag === COMMON_TEXT) {
      const text = COMMON[this.#count()];
      if (text === undefined) throw new RangeError("packed JSON names a text that is not in the list");
      return text;
    }
    if (tag !== TEXT && tag !== BROKEN_TEXT)
      throw new RangeError("packed JSON has something else in the place of a name");
    const content = this.#take(this.#count());
    return Buffer.from(content).toString(tag === TEXT ? "utf8" : "utf16le");
  }

  /** A count of items, of which each takes a byte at least. */
  #length(): number {
    const length = this.#count();
    if (length > this.left) throw new RangeError("packed JSON ends within a list");
    return length;
  }

  #count(): number {
    let value = 0;
    for (let shift = 0; shift <= 28; shift += 7) {
      const byte = this.#byte();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    throw new RangeError("a number in packed JSON is too long");
  }

  #byte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw new RangeError("packed JSON is cut off");
    return byte;
  }

  #take(length: number): Uint8Array {
    if (length > this.left) throw new RangeError("packed JSON is cut off");
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }
}
