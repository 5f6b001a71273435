/** `countersteer doctor`: proves on this machine what the engine promises, and measures which weights are fastest. */
import type { Command } from "commander";
import { throwIfAborted } from "../model/aborted.ts";
import type { CliContext } from "./context.ts";
import { type Check, checkAlone, checkHook } from "./doctor/checks.ts";
import { writeDoctorEntry } from "./doctor/record.ts";
import { doctorText } from "./doctor/report-text.ts";
import { FAST_TYPES, measureSpeed, type Speed } from "./doctor/speed.ts";
import { isBusy, systemFacts } from "./doctor/system.ts";
import { listCopies, removeNewCopies } from "./doctor/weight-copies.ts";
import { cpuModel, machineOf } from "./machine.ts";
import { type OpenedEngine, openEngine, openEngineWithSae } from "./open-engine.ts";
import { addMachineOptions, addModelOptions, addSaeOptions, type EngineFlags } from "./options.ts";

interface DoctorFlags extends EngineFlags {
  quick?: boolean;
}

export function register(program: Command, context: CliContext): void {
  const command = program
    .command("doctor")
    .description(
      "Check libraries, edits and batching on this machine, and measure which weight type is fastest (--weights fast).",
    )
    .option("--quick", "check only, measure no speed");
  addMachineOptions(addSaeOptions(addModelOptions(command)));
  command.action((flags: DoctorFlags) => doctor({ flags, context }));
}

async function doctor({ flags, context }: { flags: DoctorFlags; context: CliContext }): Promise<void> {
  const { terminal, signal } = context;
  const { cacheDir } = await machineOf({ flags, context });
  const system = await systemFacts({ cacheDir });
  const checked = await checkEngine({ flags, context });
  const speeds =
    flags.quick === true ? [] : await compareSpeeds({ model: checked.engine.model, cacheDir, context });
  throwIfAborted({ signal, what: "The measurement" });
  const fastest = FAST_TYPES.map((type) => speeds.find(({ weights }) => weights === type))
    .filter((speed) => speed !== undefined)
    .sort((a, b) => b.many - a.many)[0];
  const fastType = FAST_TYPES.find((type) => type === fastest?.weights) ?? null;
  if (fastType !== null) {
    const tokensPerSecond = Object.fromEntries(
      speeds.map(({ weights, workers, threads, one, many }) => [
        `${weights} ${workers}x${threads}`,
        { one, many },
      ]),
    );
    const entry = { fastType, tokensPerSecond, measuredAt: new Date().toISOString() };
    await writeDoctorEntry({ cacheDir, cpu: cpuModel(), entry });
  }
  const report = { system, ...checked, speeds, fastType };
  terminal.result({ data: report, text: () => doctorText({ report, terminal }) });
  if (checked.checks.some(({ ok }) => !ok)) {
    context.exit.code = 1;
  }
}

async function checkEngine({ flags, context }: { flags: DoctorFlags; context: CliContext }) {
  const { terminal, signal } = context;
  const options = { flags, context, defaults: { slots: 8, contextPerSlot: 256 } };
  const opened = await openForChecks(options);
  const { engine, sae } = opened;
  try {
    const layer = opened.layer ?? Math.floor(engine.info.layers / 2);
    terminal.status("checking edits and batching");
    const checks: Check[] = [
      {
        name: "the libraries have the layouts that are declared here",
        ok: true,
        detail: "checked against their own defaults at load",
      },
      ...(await checkHook({ engine, layer, signal })),
      await checkAlone({ engine, layer, sae, signal }),
    ];
    const { path, weightType } = engine.info;
    const llamaCpp = String(engine.build.llamaCpp);
    return { engine: { llamaCpp, model: path, weightType, health: await engine.health() }, checks };
  } finally {
    await opened.close();
  }
}

/** A model file without an SAE is checked all the same, with less to compare. */
async function openForChecks(
  options: Parameters<typeof openEngine>[0],
): Promise<OpenedEngine & { sae: string | null; layer: number | null }> {
  if (options.flags.sae !== undefined) {
    const opened = await openEngineWithSae(options);
    return { ...opened, sae: opened.dictionary.path };
  }
  const opened = await openEngine(options);
  const defaults = opened.known?.defaults ?? null;
  return {
    ...opened,
    sae: defaults?.sae ?? null,
    layer: options.flags.layer ?? defaults?.layer ?? null,
  };
}

async function compareSpeeds({
  model,
  cacheDir,
  context,
}: {
  model: string;
  cacheDir: string;
  context: CliContext;
}): Promise<Speed[]> {
  const { terminal, signal } = context;
  if (isBusy()) {
    terminal.warn("other programs use this machine's cores now, so speeds will come out too low.");
  }
  const before = await listCopies({ cacheDir });
  const speeds: Speed[] = [];
  let keep = "";
  try {
    for (const weights of ["as-is", ...FAST_TYPES] as const) {
      terminal.status(`measuring ${weights} weights`);
      speeds.push(await measureSpeed({ model, cacheDir, weights, signal }));
    }
    const [fastest] = speeds.filter(({ weights }) => weights !== "as-is").sort((a, b) => b.many - a.many);
    const type = FAST_TYPES.find((each) => each === fastest?.weights);
    keep = type ?? "";
    if (type !== undefined && fastest !== undefined && fastest.workers > 1) {
      terminal.status(`measuring ${type} weights in one process`);
      speeds.push(await measureSpeed({ model, cacheDir, weights: type, workers: 1, signal }));
    }
    return speeds;
  } finally {
    await removeNewCopies({ cacheDir, before, keep });
  }
}
