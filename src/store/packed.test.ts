import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson } from "./canonical-json.ts";
import { packIntegers, packOffsets, unpackIntegers, unpackOffsets } from "./packed-integers.ts";
import { type Json, packJson, unpackJson } from "./packed-json.ts";

const int32 = fc.int32Array({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const lengths = fc.array(fc.integer({ min: 0, max: 40 }));

describe("packed integers", () => {
  it("come back as they were, whatever they are", () => {
    fc.assert(
      fc.property(int32, (values) => {
        expect(unpackIntegers(packIntegers(values))).toEqual(values);
        expect(unpackOffsets(packOffsets(values))).toEqual(values);
      }),
    );
  });

  it("of tokens that follow each other come back too", () => {
    fc.assert(
      fc.property(lengths, (steps) => {
        let at = 0;
        const offsets = Int32Array.from(steps, (step) => (at += step));
        expect(unpackOffsets(packOffsets(offsets))).toEqual(offsets);
      }),
    );
  });

  it("take a byte or half of one where they are small or rise slowly", () => {
    expect(packIntegers([0, 1, 127])).toHaveLength(3);
    expect(packOffsets([0, 4, 9, 14])).toHaveLength(2);
  });

  it("are refused where they are cut off or too long", () => {
    expect(() => unpackIntegers(packIntegers([300]).subarray(0, 1))).toThrow(RangeError);
    expect(() => unpackIntegers(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x7f))).toThrow(RangeError);
    expect(() => unpackIntegers(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0x01))).toThrow(RangeError);
    expect(() => unpackOffsets(Uint8Array.of(0xf8, 0x88))).toThrow(RangeError);
  });
});

describe("packed JSON", () => {
  const thousandths = fc.integer({ min: -20_000, max: 20_000 }).map((n) => n / 1000);
  const number = fc.oneof(
    thousandths,
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.maxSafeInteger(),
  );
  const text = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("curve", "add", "\ud800 alone"));
  const name = text.filter((each) => each !== "__proto__");
  const { value } = fc.letrec<{ value: Json }>((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      number,
      text,
      fc.constantFrom(null, true, false),
      fc.array(thousandths),
      fc.array(tie("value")),
      fc.dictionary(name, tie("value")),
    ),
  }));

  it("holds exactly what canonical JSON holds, in its order", () => {
    fc.assert(
      fc.property(value, (input) => {
        const output = unpackJson(packJson(input));
        // what is stored without packing is canonical JSON
        expect(JSON.stringify(output)).toBe(canonicalJson(input));
      }),
      { numRuns: 500 },
    );
  });

  it("takes two bytes for most numbers of a curve", () => {
    const curve = Array.from({ length: 200 }, (_, i) => (37 * (i - 100)) / 1000);
    expect(packJson({ curve }).length).toBeLessThan(410);
  });

  it("is refused where it is cut off, longer than its value, or no such thing", () => {
    fc.assert(
      fc.property(value, fc.nat(), (input, at) => {
        const bytes = packJson(input);
        expect(() => unpackJson(bytes.subarray(0, at % bytes.length))).toThrow(RangeError);
        expect(() => unpackJson(Uint8Array.of(...bytes, 0))).toThrow(RangeError);
      }),
    );
    expect(() => unpackJson(Uint8Array.of(99))).toThrow(/tag 99/);
    expect(() => unpackJson(Uint8Array.of(6, 99))).toThrow(RangeError);
    expect(() => unpackJson(Uint8Array.of(9, 0xff, 0xff, 0xff, 0x0f))).toThrow(RangeError);
  });

  it("refuses what JSON can't hold", () => {
    expect(() => packJson(Number.NaN)).toThrow(TypeError);
  });
});
