// biome-ignore-all lint/a11y/useSemanticElements: rows are made as they come into view and laid out as a grid, which a table element can't tell
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid keeps the focus and names its active row
import type { TrialSort } from "../../../../src/server/viewer/api/trials.ts";
import type { TrialsState } from "./trials-state.ts";

export interface TrialColumn {
  /** Place in the grid: class `cell-PLACE`. */
  place: string;
  name: string;
  title?: string;
  sort?: TrialSort;
}

/** In the order of the cells of a row. */
export const TRIAL_COLUMNS: readonly TrialColumn[] = [
  { place: "n", name: "#", title: "in the order of the run", sort: "order" },
  { place: "outcome", name: "Outcome" },
  { place: "arm", name: "Arm" },
  { place: "latent", name: "Latent", sort: "latent" },
  {
    place: "strength",
    name: "Strength",
    title: "of the unit; an unsteered arm does not apply it",
    sort: "strength",
  },
  { place: "prompt", name: "Prompt", sort: "prompt" },
  { place: "response", name: "Response" },
  { place: "attempts", name: "Attempts", sort: "attempts" },
  { place: "first", name: "First", title: "score of the first attempt, 0 to 100", sort: "first" },
  { place: "last", name: "Last", title: "score of the last attempt, 0 to 100", sort: "last" },
  {
    place: "change",
    name: "Change",
    title: "last score minus first, of two attempts and more",
    sort: "change",
  },
  { place: "tokens", name: "Tokens", title: "of the response", sort: "tokens" },
];

export interface TableHeadProps {
  state: Pick<TrialsState, "sort" | "direction">;
  onSort: (by: TrialSort) => void;
}

export function TableHead({ state, onSort }: TableHeadProps) {
  return (
    <div role="rowgroup" className="trial-head">
      <div role="row" aria-rowindex={1} className="trial-columns">
        {TRIAL_COLUMNS.map(({ place, name, title, sort }) => {
          const isSorted = sort === state.sort;
          const order = state.direction === "up" ? "ascending" : "descending";
          return (
            <div
              key={place}
              role="columnheader"
              className={`cell-${place}`}
              title={title}
              aria-sort={sort === undefined ? undefined : isSorted ? order : "none"}
            >
              {sort === undefined ? (
                name
              ) : (
                <button
                  type="button"
                  className="sort-button"
                  data-sorted={isSorted || undefined}
                  onClick={() => onSort(sort)}
                >
                  {name}
                  <span aria-hidden="true" className="sort-arrow">
                    {isSorted ? (state.direction === "up" ? "↑" : "↓") : ""}
                  </span>
                </button>
              )}
            </div>
          );
        })}
      </div>
    </div>
  );
}
