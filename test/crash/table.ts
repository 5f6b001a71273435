/** The table of a round of kills, as docs/crash.md shows it. */
import { type CrashResult, crashResultSchema } from "./result.ts";

const HEAD = [
  "command",
  "kills of the command",
  "of an engine",
  "of both",
  "first and last moment",
  "stored by then",
  "longest-lived process",
  "lost, doubled, changed, torn or left",
];

/** A row a command and one for all. Throws where the stored result does not follow its schema. */
export function crashTable(stored: unknown): string {
  const { lives } = crashResultSchema.parse(stored);
  const names = [...new Set(lives.map(({ workload }) => workload))];
  const rows = names.map((name) =>
    row(
      `\`${name}\``,
      lives.filter(({ workload }) => workload === name),
    ),
  );
  const lines = [HEAD, HEAD.map((_, i) => (i === 0 ? "---" : "---:")), ...rows, row("all", lives)];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function row(name: string, lives: CrashResult["lives"]): string[] {
  const kills = lives.flatMap((life) => life.kills);
  const of = (target: string) => String(kills.filter((each) => each.target === target).length);
  const seconds = kills.map((each) => each.seconds);
  const stored = kills.map((each) => each.stored * 100);
  return [
    name,
    of("parent"),
    of("engine"),
    of("both"),
    `${range(seconds, 1)} s`,
    `${range(stored, 0)} %`,
    `${Math.round(Math.max(0, ...kills.map(({ gone }) => gone)))} ms`,
    String(lives.reduce((sum, { problems }) => sum + problems.length, 0)),
  ];
}

function range(values: readonly number[], digits: number): string {
  if (values.length === 0) return "-";
  return `${Math.min(...values).toFixed(digits)}-${Math.max(...values).toFixed(digits)}`;
}
