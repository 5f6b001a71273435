import { expect, test } from "vitest";
import { planComparison } from "./plan-comparison.ts";

const question = { from: 0.074, to: 0.055, trialsPerLatent: 5, icc: 0.1, correlations: [0, 0.3] };

test("as many latents as a plan asks for have the power that it was made for", () => {
  const { designs } = planComparison(question);
  for (const { correlation, latents, trialsPerArm } of designs) {
    const [same] = planComparison({ ...question, latents: latents ?? 0 }).designs.filter(
      (each) => each.correlation === correlation,
    );
    expect(same?.powerAtLatents).toBeGreaterThanOrEqual(0.8);
    expect(same?.powerAtLatents).toBeLessThan(0.802);
    expect(trialsPerArm).toBe(5 * (latents ?? 0));
  }
});

test("pairs whose outcomes go together need fewer latents, and clustered trials more", () => {
  const [unpaired, independent, alike] = planComparison(question).designs.map(({ latents }) => latents ?? 0);
  expect(alike).toBeLessThan(independent ?? 0);
  expect(independent).toBeGreaterThan(0.95 * (unpaired ?? 0));
  const [plain] = planComparison({ ...question, icc: 0 }).designs;
  expect(plain?.latents).toBeLessThan(unpaired ?? 0);
});
