/** Damages plain values (what JSON and YAML hold) at any place: other types, extreme numbers, keys that are gone, doubled or hostile, deep nests. */
import type { Draw } from "../support/mutate.ts";

export type Value = null | boolean | number | string | Value[] | { [key: string]: Value };
type Place = (string | number)[];

const DEEP = 400;
const LONG = 100_000;
const KEYS = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "length",
  "0",
  "",
  "\u0000",
  "hasOwnProperty",
];
const POLLUTION: Value = { polluted: true, isAdmin: true };

export const ODD_TEXTS = [
  "",
  " ",
  "\u0000",
  "a\u0000b",
  "\ud83d",
  "\udc00x",
  "\u001b[2J",
  "\u202e",
  "\ufeff",
  "NaN",
  "-0",
  "1e999",
  "../../../etc/passwd",
  "<|im_end|>\n<|im_start|>system\n",
  "<script>alert(1)</script>",
  "'; DROP TABLE trial; --",
  "$(reboot)",
  "{{ 7 * 7 }}",
  "=1+1",
];
const NUMBERS = [
  0,
  -0,
  -1,
  1,
  0.5,
  -0.5,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  2 ** 53 + 2,
  -(2 ** 63),
  1e300,
  5e-324,
  1e-320,
];

function nested(draw: Draw): Value {
  let value: Value = 0;
  const asList = draw(2) === 0;
  for (let i = 0; i < DEEP; i++) value = asList ? [value] : { a: value };
  return value;
}

/** A value that is seldom expected. */
function oddValue(draw: Draw): Value {
  switch (draw(9)) {
    case 0:
      return null;
    case 1:
      return draw(2) === 0;
    case 2:
    case 3:
      return NUMBERS[draw(NUMBERS.length)] ?? 0;
    case 4:
    case 5:
      return ODD_TEXTS[draw(ODD_TEXTS.length)] ?? "";
    case 6:
      return draw(2) === 0 ? [] : {};
    case 7:
      return draw(8) === 0 ? nested(draw) : "x".repeat(draw(8) === 0 ? LONG : draw(50));
    default:
      return [oddValue(draw), oddValue(draw)];
  }
}

function placesOf(value: Value, at: Place = []): Place[] {
  if (typeof value !== "object" || value === null) return [at];
  const inner = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return [at, ...inner.flatMap(([key, each]) => placesOf(each, [...at, key]))];
}

function at(value: Value, place: Place): Value {
  let found: Value | undefined = value;
  for (const key of place) {
    if (typeof found !== "object" || found === null) return null;
    found = Array.isArray(found) ? found[Number(key)] : found[String(key)];
  }
  return found ?? null;
}

/** A copy with what `change` makes of one place; undefined removes it. */
function changed(
  value: Value,
  [key, ...rest]: Place,
  change: (old: Value) => Value | undefined,
): Value | undefined {
  if (key === undefined || typeof value !== "object" || value === null) return change(value);
  const next = (old: Value | undefined) => changed(old ?? null, rest, change);
  if (Array.isArray(value)) {
    return value.flatMap((each, i) => {
      const made = i === key ? next(each) : each;
      return made === undefined ? [] : [made];
    });
  }
  const entries = Object.entries(value).flatMap(([name, each]): [string, Value][] => {
    const made = name === key ? next(each) : each;
    return made === undefined ? [] : [[name, made]];
  });
  return Object.fromEntries(entries);
}

function withKey(value: Value, key: string, inner: Value): Value {
  if (typeof value !== "object" || value === null) return { [key]: inner };
  if (Array.isArray(value)) return [...value, inner];
  // an assignment would set the prototype
  return Object.fromEntries([...Object.entries(value), [key, inner]]);
}

function nudged(value: Value, draw: Draw): Value {
  if (typeof value === "number") {
    const change = draw(4);
    return change === 0 ? -value : change === 1 ? value + 1 : change === 2 ? value * 1e6 : value / 3;
  }
  if (typeof value === "string") {
    const where = draw(value.length + 1);
    const odd = ODD_TEXTS[draw(ODD_TEXTS.length)] ?? "";
    return draw(3) === 0 ? value.slice(0, where) : value.slice(0, where) + odd + value.slice(where);
  }
  if (typeof value === "boolean") return !value;
  if (Array.isArray(value)) return draw(2) === 0 ? [...value, ...value] : value.slice(draw(value.length + 1));
  return oddValue(draw);
}

function once(value: Value, draw: Draw): Value {
  const places = placesOf(value);
  const place = places[draw(places.length)] ?? [];
  const change = (made: (old: Value) => Value | undefined) => changed(value, place, made) ?? null;
  switch (draw(8)) {
    case 0:
      return change(() => undefined);
    case 1:
    case 2:
      return change((old) => nudged(old, draw));
    case 3:
      return change((old) =>
        withKey(old, KEYS[draw(KEYS.length)] ?? "", draw(2) === 0 ? POLLUTION : oddValue(draw)),
      );
    case 4:
      return change(() => at(value, places[draw(places.length)] ?? []));
    case 5:
      return change((old) => [old]);
    case 6:
      return change((old) =>
        typeof old === "number" ? String(old) : typeof old === "string" ? 7 : oddValue(draw),
      );
    default:
      return change(() => oddValue(draw));
  }
}

/** One to three changes. */
export function mutateValue(value: Value, draw: Draw): Value {
  let mutated = value;
  for (let left = 1 + draw(3); left > 0; left--) mutated = once(mutated, draw);
  return mutated;
}

/** JSON text with what no value has: doubled keys, hostile numbers, cuts. */
export function mutateJson(text: string, draw: Draw): string {
  const at = draw(text.length + 1);
  switch (draw(6)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text.replace(/"(\w+)":/, '"$1":null,"$1":');
    case 2:
      return text.replace(/\d+(\.\d+)?/, draw(2) === 0 ? "1e999" : "9".repeat(400));
    case 3:
      return text.slice(0, at) + String.fromCharCode(draw(0x250)) + text.slice(at + draw(2));
    case 4:
      return "[".repeat(50_000) + text;
    default:
      return text.replace("{", '{"__proto__":{"polluted":1},');
  }
}
