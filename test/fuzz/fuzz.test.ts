/** Short runs of every kind of bad input: refused with a code, or right. `npm run fuzz` does long ones. */
import { expect, test } from "vitest";
import { KINDS } from "./kinds.ts";
import { caseNumbers, runKind } from "./loop.ts";

const CASES = 60;
const SEED = 20_260_206;

test.each(KINDS.map((kind) => [kind.name, kind] as const))(
  "%s: every damaged input is refused with a code, or accepted and right",
  async (name, kind) => {
    const { accepted, refused, failures } = await runKind({
      kind,
      cases: caseNumbers({ kind, seed: SEED, cases: CASES }),
    });
    const first = failures[0];
    expect(failures.length, `npm run fuzz -- ${name} --case ${first?.case}\n${first?.message}`).toBe(0);
    // damage that nothing notices, or that everything does, would test nothing
    if (kind.share !== undefined) return;
    expect(Object.keys(refused).length).toBeGreaterThan(0);
    expect(accepted).toBeGreaterThan(0);
  },
  300_000,
);
