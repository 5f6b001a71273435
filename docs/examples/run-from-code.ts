/** A run without the command line: three budgets of divergence on the default model, and what the report finds. */
import {
  cacheDir,
  compareArms,
  comparisonText,
  openRun,
  openSession,
  parseConfig,
  runReport,
  startRun,
} from "../../src/index.ts";

export async function run({ dir }: { dir: string }): Promise<void> {
  const settings = {
    design: { name: "dose", scale: "kl", levels: [0.25, 0.5, 1] },
    latents: { count: 20 },
  };
  const config = parseConfig({ settings, source: "my script" });
  const cache = cacheDir();
  const session = await openSession({ config, machine: { cacheDir: cache } });
  try {
    const onProgress = () => undefined;
    await startRun({ dir, preset: null, session, cacheDir: cache, llm: { keys: {} }, onProgress });
  } finally {
    await session.close();
  }
  using store = openRun({ dir, mode: "read" });
  // each level's own strengths, mean dose and measured divergence
  for (const { x, dose, kl, summary } of runReport({ store }).curves[0]?.points ?? []) {
    console.log(x, dose, kl, summary.multiAttempt.estimate);
  }
  const reference = { store, arm: "kl-0.25" };
  const comparison = compareArms({ reference, treatment: { store, arm: "kl-1" }, outcome: "multi-attempt" });
  console.log(comparisonText({ comparison, color: false }));
}
