/** The Markdown tables of the cell `big-run`. */
import { markdown, ratio } from "./markdown-table.ts";
import type { BenchResult } from "./result.ts";
import { type Figure, ratioOf, rowCounts, speedOf } from "./summary.ts";
import { BIG_RUN_VARIANTS } from "./variant-names.ts";

const READ = "read a run";

/** Seconds of each, and how many times as long ours takes as SQL. */
export function bigRunTable(result: BenchResult): string {
  const { runs } = result;
  const { ours, sqlite } = BIG_RUN_VARIANTS;
  const groups = [...new Set(runs.map(({ group }) => group))].filter((group) => group !== READ);
  const body = groups.flatMap((group) =>
    rowCounts({ runs, group }).map((rows) => {
      const has = runs.some((run) => run.group === group && run.variant === sqlite);
      return [
        group,
        seconds(rows, speedOf({ runs, group, rows, variant: ours })),
        has ? seconds(rows, speedOf({ runs, group, rows, variant: sqlite })) : "-",
        has ? ratio(ratioOf({ runs, group, rows, variant: sqlite, to: ours })) : "-",
      ];
    }),
  );
  const head = ["of the big run", `${ours}, ms`, `${sqlite}, ms`, `time of ${ours} / ${sqlite}`];
  return `${markdown([head, ...body])}\n\n${caption(result)}`;
}

/** A smaller run's whole report against the reading of one arm's log. */
export function inspectTable({ runs, settings }: BenchResult): string {
  const { ours, inspect } = BIG_RUN_VARIANTS;
  const head = ["trials of the run", `${ours}, trials/s`, `${inspect}, trials/s`, `${ours} / ${inspect}`];
  const body = rowCounts({ runs, group: READ }).map((rows) => [
    String(rows),
    ...[ours, inspect].map((variant) => speedOf({ runs, group: READ, rows, variant }).median.toFixed(0)),
    ratio(ratioOf({ runs, group: READ, rows, variant: ours, to: inspect })),
  ]);
  const text = [
    `Ours is the time of \`report --json\` with all its intervals and tests over all arms, from the start of the program; Inspect's is \`read_eval_log\` of the`,
    `JSON log of one arm (${settings.inspected}), in a process that has it loaded.`,
  ].join(" ");
  return `${markdown([head, ...body])}\n\n${text}`;
}

/** What takes the space of a trial. */
export function bigRunSpace({ settings }: BenchResult): string {
  const trials = Number(settings.trials);
  const bytes = (name: string) => Number(settings[name] ?? 0);
  const each = (name: string, what: string) => [what, (bytes(name) / trials).toFixed(0)];
  const known = [
    each("bytes in texts", "the response"),
    each("bytes in tokens", "token ids"),
    each("bytes in offsets", "token offsets"),
    each("bytes in receipts", "the receipt"),
    each("bytes in details", "the judge's detail, with a number a token"),
    each("bytes in attempts", "attempts"),
    [
      "facts for reports and tables",
      ((bytes("bytes of trial_facts") + bytes("bytes of judgement_facts")) / trials).toFixed(0),
    ],
  ];
  const sum = known.reduce((total, [, value]) => total + Number(value), 0);
  const rest = [
    "keys, prompts, digests, times, indexes, room in pages",
    String(Math.round(bytes("fileBytes") / trials) - sum),
  ];
  const total = `The file has ${(bytes("fileBytes") / 1e6).toFixed(0)} MB: ${(bytes("fileBytes") / trials).toFixed(0)} bytes a trial.`;
  return `${markdown([["of a trial", "bytes"], ...known, rest])}\n\n${total}`;
}

function seconds(rows: number, { median, min, max }: Figure): string {
  const ms = (speed: number) => (1000 * rows) / speed;
  const digits = ms(median) < 10 ? 1 : 0;
  return `${ms(median).toFixed(digits)} (${ms(max).toFixed(digits)}–${ms(min).toFixed(digits)})`;
}

function caption({ machine, libraries, settings, date, loadBefore }: BenchResult): string {
  return [
    `${settings.trials} made-up trials of about 200 tokens in four arms; every time is from opening the file, except that of the next page. SQL gives the counts and means of the`,
    "report without its intervals and tests, and the rows and total of a page; ratios are of times within a repetition, above 1 where ours takes longer; medians of",
    `${settings.repetitions} interleaved repetitions (least–greatest). ${machine.cores} cores of ${machine.cpu}, ${machine.memoryGiB} GiB; Node ${machine.node}, SQLite`,
    `${libraries["sqlite of python"]} in Python ${libraries.python}, Inspect ${libraries.inspect_ai}; ${date.slice(0, 10)}, load before ${loadBefore[0].toFixed(2)}.`,
  ].join(" ");
}
