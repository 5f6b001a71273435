import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { patchState, readState, writeState } from "./query-state.ts";

const schema = z.object({
  search: z.string().max(20).default(""),
  sort: z.enum(["up", "down"]).default("up"),
  latent: z.coerce.number().int().min(0).exactOptional(),
  follow: z.stringbool().default(false),
  texts: z.array(z.string()).default([]),
});

describe("state in the address", () => {
  test("what is written is read back", () => {
    const text = fc.string({ minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(
        fc.record(
          {
            search: fc.string({ maxLength: 20 }),
            sort: fc.constantFrom("up", "down"),
            latent: fc.nat(),
            follow: fc.boolean(),
            texts: fc.array(text, { maxLength: 3 }),
          },
          { requiredKeys: ["search", "sort", "follow", "texts"] },
        ),
        (state) => {
          // a lone surrogate is no text that an address can hold
          fc.pre([state.search, ...state.texts].every((each) => each.isWellFormed()));
          expect(readState(schema, writeState(schema, state))).toEqual(state);
        },
      ),
    );
  });

  test("defaults are not written", () => {
    expect(writeState(schema, readState(schema, ""))).toBe("");
    expect(writeState(schema, readState(schema, "?sort=up&follow=false&search="))).toBe("");
  });

  test("what the schema refuses counts as absent, and the rest still counts", () => {
    expect(readState(schema, "?latent=-1&sort=sideways&search=tea&unknown=1")).toEqual({
      search: "tea",
      sort: "up",
      follow: false,
      texts: [],
    });
  });

  test("names that are not the page's stay in the address", () => {
    const state = readState(schema, "?latent=4");
    expect(writeState(schema, state, "?other=1&latent=9")).toBe("other=1&latent=4");
  });

  test("a patch changes what it names; undefined takes out or sets back", () => {
    const state = readState(schema, "?latent=4&search=tea&sort=down");
    expect(patchState(schema, state, { latent: undefined, sort: undefined, texts: ["a", "b"] })).toEqual({
      search: "tea",
      sort: "up",
      follow: false,
      texts: ["a", "b"],
    });
  });
});
