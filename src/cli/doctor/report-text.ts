/** What `doctor` prints. */
import Table from "cli-table3";
import type { EngineHealth } from "../../engine/health.ts";
import type { Terminal } from "../terminal.ts";
import type { Check } from "./checks.ts";
import type { Speed } from "./speed.ts";
import type { SystemFacts } from "./system.ts";

export interface DoctorReport {
  system: SystemFacts;
  engine: { llamaCpp: string; model: string; weightType: string; health: EngineHealth };
  checks: Check[];
  /** Empty with `--quick`. */
  speeds: Speed[];
  fastType: string | null;
}

export function doctorText({ report, terminal }: { report: DoctorReport; terminal: Terminal }): string {
  const { system, engine, checks, speeds, fastType } = report;
  const { health } = engine;
  const facts: [string, string][] = [
    ["node", `${system.node} (${system.platform})`],
    ["cpu", system.cpu],
    ["memory", gigabytes(system.memoryBytes)],
    [
      "cache",
      `${system.cacheDir}, ${system.freeDiskBytes === null ? "free space unknown" : `${gigabytes(system.freeDiskBytes)} free`}`,
    ],
    [
      "llama.cpp",
      `${engine.llamaCpp}, from package ${system.librariesPackage}, ${health.libraries.length} libraries`,
    ],
    ["features", health.cpuFeatures.trim()],
    ["engine", `${health.workers} processes x ${health.threads} threads, ${health.slots} slots each`],
    ["model", `${engine.model} (${engine.weightType})`],
  ];
  const mark = (ok: boolean) =>
    ok ? terminal.style("green", "ok    ") : terminal.style(["red", "bold"], "FAILED");
  return [
    ...facts.map(([name, value]) => `${terminal.style("dim", name.padEnd(10))} ${value}`),
    "",
    ...checks.map(({ name, ok, detail }) => `${mark(ok)} ${name}: ${detail}`),
    ...(speeds.length === 0 ? [] : ["", speedTable(speeds)]),
    ...(fastType === null ? [] : [`--weights fast means ${fastType} on this machine from now on.`]),
  ].join("\n");
}

function speedTable(speeds: Speed[]): string {
  const table = new Table({
    head: ["weights", "type", "processes x threads", "tokens/s, 1 answer", "tokens/s, 32 answers"],
    colAligns: ["left", "left", "right", "right", "right"],
    style: { head: [], border: [], compact: true },
  });
  for (const { weights, weightType, workers, threads, one, many } of speeds) {
    table.push([weights, weightType, `${workers} x ${threads}`, one.toFixed(0), many.toFixed(0)]);
  }
  return table.toString();
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
