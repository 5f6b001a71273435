/** Whether runs are the shards of one run, by what they say of themselves. */
import { CountersteerError } from "../errors.ts";
import { canonicalJson } from "./canonical-json.ts";
import { assertComparable } from "./comparable.ts";
import type { RunCounts } from "./counts.ts";
import type { Manifest } from "./manifest.ts";
import type { RunStore } from "./run-store.ts";
import { type Shard, shardOf } from "./shard.ts";

export interface ShardRun {
  store: RunStore;
  shard: Shard;
  manifest: Manifest;
  counts: RunCounts;
}

/** Of the engine, what no trial depends on (DESIGN.md, invariant 4). */
const NO_MATTER: readonly string[] = ["workers", "threads", "slots", "contextPerSlot"];

/** What shards must agree in beyond what makes runs comparable. */
const SAME: Record<string, (manifest: Manifest) => unknown> = {
  design: ({ design }) => design,
  settings: ({ config: { shard, ...config } }) => config,
  version: ({ packageVersion }) => packageVersion,
  engine: ({ engine }) =>
    Object.fromEntries(Object.entries(engine).filter(([name]) => !NO_MATTER.includes(name))),
  seed: ({ seed }) => seed,
  "held-out prompts": ({ prompts }) => prompts.heldOut,
};

export interface Shards {
  /** In the order of their numbers. */
  runs: ShardRun[];
  /** What is missing, in words. */
  incomplete: string[];
}

/** Throws REQUEST_INVALID for a run that is no shard, RUNS_UNEQUAL, and SHARDS_INCOMPLETE unless that is allowed. */
export function assertShards({
  shards,
  allowIncomplete,
}: {
  shards: readonly RunStore[];
  allowIncomplete: boolean;
}): Shards {
  const runs = shards.map(shardRun).toSorted((a, b) => a.shard.index - b.shard.index);
  assertComparable({ manifests: runs.map(({ store, manifest }) => ({ name: store.dir, manifest })) });
  assertSame(runs);
  const incomplete = missing(runs);
  if (incomplete.length > 0 && !allowIncomplete) {
    throw new CountersteerError("SHARDS_INCOMPLETE", {
      what: `The shards are not complete: ${incomplete.join("; ")}.`,
      why: "Rates of a part of the units would look like those of all.",
      todo: "Resume or run what is missing, or merge what there is with --allow-incomplete.",
      facts: { incomplete },
    });
  }
  return { runs, incomplete };
}

function shardRun(store: RunStore): ShardRun {
  const manifest = store.manifest();
  const shard = shardOf(manifest);
  if (shard === null) {
    throw new CountersteerError("REQUEST_INVALID", {
      what: `The run in ${store.dir} is no shard.`,
      why: "It holds all units of its run, so there is nothing to put together.",
      todo: "Give runs that were made with --shard; `report` takes several runs as they are.",
      facts: { dir: store.dir },
    });
  }
  return { store, shard, manifest, counts: store.counts() };
}

function assertSame(runs: readonly ShardRun[]): void {
  const [first] = runs;
  const facts = { ...SAME, "number of shards": (manifest: Manifest) => shardOf(manifest)?.count };
  for (const { store, manifest, shard } of runs) {
    if (first === undefined || manifest === first.manifest) continue;
    const unequal = Object.entries(facts).filter(
      ([, of]) => canonicalJson(of(manifest) ?? null) !== canonicalJson(of(first.manifest) ?? null),
    );
    if (unequal.length > 0) {
      throw new CountersteerError("RUNS_UNEQUAL", {
        what: `${store.dir} and ${first.store.dir} are not shards of one run: ${unequal.map(([name]) => name).join(", ")} differ.`,
        why: "Their trials are not those that one run would have made.",
        todo: "Run one of them again with the other's settings and version.",
        facts: {
          dirs: [first.store.dir, store.dir],
          unequal: unequal.map(([name, of]) => ({ name, values: [of(first.manifest), of(manifest)] })),
        },
      });
    }
    if (runs.some((other) => other.manifest !== manifest && other.shard.index === shard.index)) {
      throw new CountersteerError("RUNS_UNEQUAL", {
        what: `Two folders hold the shard ${shard.index}/${shard.count}.`,
        why: "Shards of one run have no unit in common.",
        todo: "Give each shard once.",
        facts: { shard },
      });
    }
  }
}

function missing(runs: readonly ShardRun[]): string[] {
  const count = runs[0]?.shard.count ?? 0;
  const unfinished = runs
    .filter(({ store }) => store.events({ kind: "finished" }).length === 0)
    .map(({ store }) => `${store.dir} is not finished`);
  const absent = Array.from({ length: count }, (_, i) => i + 1)
    .filter((index) => !runs.some(({ shard }) => shard.index === index))
    .map((index) => `${index}/${count} was not given`);
  return [...unfinished, ...absent];
}

/** Of the whole run: it begins when its first shard began. */
export function mergedManifest(runs: readonly ShardRun[]): Manifest {
  const [first] = runs.toSorted((a, b) => (a.manifest.createdAt < b.manifest.createdAt ? -1 : 1));
  if (first === undefined) {
    throw new CountersteerError("REQUEST_INVALID", {
      what: "There is nothing to merge.",
      why: "No shard was given.",
      todo: "Name the folders of the shards.",
    });
  }
  const { manifest } = first;
  return { ...manifest, config: { ...manifest.config, shard: null } };
}
