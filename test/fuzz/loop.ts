/** The one loop over all kinds of bad input. A case is named by a number, which is all that its damage depends on. */
import { createHash } from "node:crypto";
import { CountersteerError } from "../../src/errors.ts";
import { drawFrom } from "../support/mutate.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import type { Kind, OpenKind, Verdict } from "./kind.ts";

export interface Failure {
  case: number;
  message: string;
}

export interface KindResult {
  kind: string;
  cases: number;
  accepted: number;
  /** How often each code was met. */
  refused: Record<string, number>;
  failures: Failure[];
  slowestMs: number;
}

export interface RunKindOptions {
  kind: Kind;
  /** Numbers of cases. */
  cases: readonly number[];
  /** Called before each case, so that a process that dies or hangs can be told apart by it. */
  onCase?: (number: number) => void;
}

/** Opens the kind, checks that its whole inputs are accepted, and reads every case. Throws where a whole input is refused. */
export async function runKind({ kind, cases, onCase = () => {} }: RunKindOptions): Promise<KindResult> {
  await using folder = await temporaryFolder();
  const open = await kind.open(folder.path);
  const result: KindResult = {
    kind: kind.name,
    cases: cases.length,
    accepted: 0,
    refused: {},
    failures: [],
    slowestMs: 0,
  };
  try {
    await checkWholes(kind, open);
    for (const number of cases) {
      onCase(number);
      const start = performance.now();
      try {
        const code = await verdictOf({ kind, open, number });
        if (code === null) result.accepted += 1;
        else result.refused[code] = (result.refused[code] ?? 0) + 1;
      } catch (error) {
        result.failures.push({ case: number, message: detailOf(error) });
      }
      result.slowestMs = Math.max(result.slowestMs, Math.round(performance.now() - start));
    }
  } finally {
    await open.close?.();
  }
  return result;
}

/** The numbers of the cases of a run. */
export function caseNumbers({ kind, seed, cases }: { kind: Kind; seed: number; cases: number }): number[] {
  const count = Math.max(1, Math.round(cases * (kind.share ?? 1)));
  return Array.from({ length: count }, (_, i) => {
    const digest = createHash("sha256").update(`${kind.name} ${seed} ${i}`).digest();
    return digest.readUInt32LE(0);
  });
}

async function checkWholes(kind: Kind, open: OpenKind): Promise<void> {
  for (let whole = 0; whole < open.wholes; whole++) {
    const code = await open.read({ whole, draw: null });
    if (code !== null) throw new Error(`${kind.name}: the whole input ${whole} is refused with ${code}`);
  }
}

async function verdictOf({
  kind,
  open,
  number,
}: {
  kind: Kind;
  open: OpenKind;
  number: number;
}): Promise<Verdict> {
  const draw = drawFrom(number);
  // the first draws of xorshift are small where its state is
  for (let i = 0; i < 8; i++) draw(2);
  let code: Verdict;
  try {
    code = await open.read({ whole: draw(open.wholes), draw });
  } catch (error) {
    if (!(error instanceof CountersteerError)) throw error;
    code = error.code;
    if ([error.what, error.why, error.todo].some((text) => text === ""))
      throw new Error(`${code} says nothing`);
  }
  checkPrototypes();
  if (code !== null && !kind.codes.test(code))
    throw new Error(`refused with ${code}, which is another kind's`);
  return code;
}

const PROTOTYPES = [Object.prototype, Array.prototype, Function.prototype, String.prototype];
const BEFORE = PROTOTYPES.map((each) => Reflect.ownKeys(each).length);

/** No input may leave something in the prototypes of all objects. */
function checkPrototypes(): void {
  const after = PROTOTYPES.map((each) => Reflect.ownKeys(each).length);
  if (after.some((count, i) => count !== BEFORE[i])) throw new Error("a prototype was changed");
}

function detailOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? ` <- ${error.cause.stack ?? error.cause.message}` : "";
  return `${error.stack ?? error.message}${cause}`;
}
