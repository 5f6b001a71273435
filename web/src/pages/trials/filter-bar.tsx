/** What narrows the table: arm, latent, prompt, outcome, judge, and words of the text. */
import { type RefObject, useMemo } from "react";
import { visibleText } from "../../../../src/report/visible-text.ts";
import { OUTCOME_CHOICES } from "../../../../src/server/viewer/api/common.ts";
import type { Choices } from "../../../../src/server/viewer/api/runs.ts";
import { TRIAL_SORTS, type TrialSort } from "../../../../src/server/viewer/api/trials.ts";
import { count, oneLine } from "../../lib/format.ts";
import { OUTCOME_OPTIONS } from "../../lib/outcomes.ts";
import type { Patch } from "../../lib/query-state.ts";
import type { UpdateUrl } from "../../lib/url-state.ts";
import { SelectField, type SelectOption } from "../../ui/fields.tsx";
import { SearchField } from "../../ui/search-field.tsx";
import type { TrialsState } from "./trials-state.ts";

export interface FilterBarProps {
  state: TrialsState;
  update: UpdateUrl<TrialsState>;
  /** undefined until the run has told them. */
  choices: Choices | undefined;
  searchRef: RefObject<HTMLDivElement | null>;
}

const SORT_NAMES: Readonly<Record<TrialSort, string>> = {
  order: "order of the run",
  latent: "latent",
  strength: "strength",
  prompt: "prompt",
  attempts: "attempts",
  first: "first score",
  last: "last score",
  change: "change of score",
  tokens: "tokens",
};
const ORDERS: readonly SelectOption<string>[] = TRIAL_SORTS.flatMap((sort) => [
  { value: `${sort} up`, name: `${SORT_NAMES[sort]} ↑` },
  { value: `${sort} down`, name: `${SORT_NAMES[sort]} ↓` },
]);

export function FilterBar({ state, update, choices, searchRef }: FilterBarProps) {
  const options = useMemo(() => optionsOf(choices), [choices]);
  const choose = (name: Choosable) => ({
    value: state[name] === undefined ? "" : String(state[name]),
    options: withCurrent(options[name], state[name]),
    onChange: (value: string) => update({ ...choicePatch(name, value), at: undefined }, { push: true }),
  });
  return (
    <search className="filters trial-filters">
      <div ref={searchRef} className="trial-search">
        <SearchField
          label="Search in prompts and responses"
          placeholder="all of these words"
          value={state.search ?? ""}
          maxLength={500}
          onChange={(search) => update({ search: search.trim() === "" ? undefined : search, at: undefined })}
        />
      </div>
      <SelectField label="Arm" {...choose("arm")} />
      <SelectField label="Outcome" {...choose("outcome")} />
      <SelectField label="Latent" {...choose("latent")} />
      <SelectField label="Prompt" {...choose("prompt")} />
      {options.judge.length <= 2 && state.judge === undefined ? null : (
        <SelectField label="Judge" {...choose("judge")} />
      )}
      <div className="trial-order">
        <SelectField
          label="Order"
          value={`${state.sort} ${state.direction}`}
          options={ORDERS}
          onChange={(value) => {
            const [sort, direction] = value.split(" ");
            update(
              {
                sort: TRIAL_SORTS.find((each) => each === sort),
                direction: direction === "down" ? "down" : "up",
                at: undefined,
              },
              { push: true },
            );
          }}
        />
      </div>
    </search>
  );
}

type Choosable = "arm" | "latent" | "prompt" | "outcome" | "judge";
type Options = Record<Choosable, SelectOption<string>[]>;

function choicePatch(name: Choosable, value: string): Patch<TrialsState> {
  if (value === "") return { [name]: undefined };
  if (name === "latent" || name === "prompt") return { [name]: Number(value) };
  return name === "outcome" ? { outcome: OUTCOME_CHOICES.find((each) => each === value) } : { [name]: value };
}

function optionsOf(choices: Choices | undefined): Options {
  const { arms = [], latents = [], prompts = [], judges = [] } = choices ?? {};
  return {
    arm: [{ value: "", name: "any" }, ...arms.map((arm) => ({ value: arm, name: visibleText(arm) }))],
    latent: [
      { value: "", name: "any" },
      ...latents.map(({ latent, label }) => ({
        value: String(latent),
        name: label === null ? String(latent) : `${latent}: ${oneLine(visibleText(label), 50)}`,
      })),
    ],
    prompt: [
      { value: "", name: "any" },
      ...prompts.map(({ index, prompt }) => ({
        value: String(index),
        name: oneLine(visibleText(prompt), 70),
      })),
    ],
    outcome: [...OUTCOME_OPTIONS],
    judge: [
      { value: "", name: "the run's own" },
      ...judges.map(({ judge, judged }) => ({
        value: judge,
        name: `${visibleText(judge)} (${count(judged)})`,
      })),
    ],
  };
}

/** A value of the address stands in the list even where the run does not know it, or has not told yet. */
function withCurrent(
  options: SelectOption<string>[],
  value: string | number | undefined,
): SelectOption<string>[] {
  if (value === undefined || options.some((option) => option.value === String(value))) return options;
  return [...options, { value: String(value), name: visibleText(String(value)) }];
}
