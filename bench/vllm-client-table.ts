/** The Markdown table of the cell `vllm-client`. */
import type { BenchResult } from "./result.ts";

export function vllmClientTable({ runs, machine, settings, libraries }: BenchResult): string {
  const head = [
    "servers x requests",
    "an answer takes",
    "asked, requests/s",
    "driven, requests/s",
    "servers busy",
    "client, cores",
    "client, MiB",
  ];
  const body = runs.map(({ variant, client }) => {
    if (client === undefined) throw new Error(`${variant}: there is nothing about the client`);
    const { replicas, inFlight, meanSeconds, requestsPerSecond, busy, cpu, rssMiB } = client;
    return [
      `${replicas} x ${inFlight}`,
      `${meanSeconds} s`,
      // Little's law: what full servers take
      ((replicas * inFlight) / meanSeconds).toFixed(0),
      requestsPerSecond.toFixed(0),
      `${(100 * busy).toFixed(1)} %`,
      cpu.toFixed(2),
      rssMiB.toFixed(0),
    ];
  });
  const line = (cells: string[]) => `| ${cells.join(" | ")} |`;
  const caption = [
    `One client process on ${machine.cpu} (${machine.cores} cores, shared with the servers), Node ${libraries.node};`,
    `answers of ${settings.answerTokens} tokens with receipts (${settings.answerBytes} bytes), their times distributed as ${settings.latency}.`,
    "`asked` is what the servers take when all of their slots are full.",
  ].join(" ");
  return `${[line(head), line(head.map(() => "---:")), ...body.map(line)].join("\n")}\n\n${caption}`;
}
