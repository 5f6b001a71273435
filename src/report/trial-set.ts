/** Some of the trials whose facts lie in columns, in the order of these: what the statistics of an arm are made of. */
import type { ClusterId } from "../stats/clusters.ts";
import type { EndColumns } from "../stats/end-columns.ts";
import { FactAt, type FactColumns, type JudgedFact } from "../store/fact-columns.ts";

export class TrialSet {
  readonly facts: FactColumns;
  /** Of the trials in the columns. */
  readonly places: Int32Array;

  constructor(facts: FactColumns, places: Int32Array) {
    this.facts = facts;
    this.places = places;
  }

  get length(): number {
    return this.places.length;
  }

  /** Facts of one trial of the set, by its number. */
  at(i: number): JudgedFact {
    return new FactAt(this.facts, this.places[i] ?? -1);
  }

  /** Whether a trial has a scored attempt. */
  isScored(i: number): boolean {
    const place = this.places[i] ?? -1;
    return !Number.isNaN(this.facts.first[place] ?? Number.NaN) && this.facts.failed[place] !== 1;
  }

  choose(numbers: readonly number[]): TrialSet {
    return new TrialSet(
      this.facts,
      Int32Array.from(numbers, (i) => this.places[i] ?? -1),
    );
  }

  filter(keep: (i: number) => boolean): TrialSet {
    return new TrialSet(
      this.facts,
      this.places.filter((_, i) => keep(i)),
    );
  }

  /**
   * Cluster of each trial as a number: the latent, or below 0 the prompt. Trials without a latent have no latent to share; what they share is the prompt.
   */
  clusters(): Int32Array {
    const { latent, promptIndex } = this.facts;
    return this.places.map((at) => {
      const own = latent[at] ?? -1;
      return own < 0 ? -1 - (promptIndex[at] ?? 0) : own;
    });
  }

  /** Of the scored trials. */
  ends({
    excludeDegraded = false,
    clusters = this.clusters(),
  }: {
    excludeDegraded?: boolean;
    /** As `clusters` gives them. */
    clusters?: Int32Array;
  } = {}): EndColumns {
    const { facts } = this;
    const chosen = new Int32Array(this.places.length);
    const own = new Int32Array(this.places.length);
    let count = 0;
    for (let i = 0; i < chosen.length; i++) {
      const place = this.places[i] ?? -1;
      if (!this.isScored(i) || (excludeDegraded && facts.degraded[place] === 1)) continue;
      own[count] = clusters[i] ?? 0;
      chosen[count++] = place;
    }
    const places = chosen.subarray(0, count);
    const cluster = numbered(own.subarray(0, count));
    const crossed = numbered(places.map((at) => facts.promptIndex[at] ?? 0));
    return {
      first: Float64Array.from(places, (at) => facts.first[at] ?? Number.NaN),
      last: Float64Array.from(places, (at) => facts.last[at] ?? Number.NaN),
      multi: Float64Array.from(places, (at) => Number((facts.scored[at] ?? 0) >= 2)),
      cluster: cluster.index,
      ids: cluster.values.map(clusterId),
      crossCluster: crossed.index,
      crossIds: crossed.values,
    };
  }
}

function clusterId(code: number): ClusterId {
  return code < 0 ? `prompt ${-1 - code}` : code;
}

/** Distinct values in order of first appearance, and which of them each is. */
function numbered(values: Int32Array): { index: Int32Array; values: number[] } {
  const places = new Map<number, number>();
  const index = new Int32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0;
    let place = places.get(value);
    if (place === undefined) {
      place = places.size;
      places.set(value, place);
    }
    index[i] = place;
  }
  return { index, values: [...places.keys()] };
}
