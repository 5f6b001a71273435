import type { ViewFilter } from "../../../../src/server/viewer/api/common.ts";
import type { RunPage } from "../../../../src/server/viewer/api/runs.ts";
import { count, oneLine } from "../../lib/format.ts";
import { OUTCOME_OPTIONS } from "../../lib/outcomes.ts";
import type { UpdateUrl } from "../../lib/url-state.ts";
import { Button } from "../../ui/button.tsx";
import { SelectField } from "../../ui/fields.tsx";
import { SearchField } from "../../ui/search-field.tsx";

export interface RunFiltersProps {
  choices: RunPage["choices"];
  filter: ViewFilter;
  update: UpdateUrl<ViewFilter>;
}

const ANY = { value: "", name: "any" };
const NONE: Record<keyof ViewFilter, undefined> = {
  arm: undefined,
  latent: undefined,
  prompt: undefined,
  outcome: undefined,
  search: undefined,
  judge: undefined,
};

/** Absent values stand for everything. */
export function RunFilters({ choices, filter, update }: RunFiltersProps) {
  const { arms, latents, prompts, judges } = choices;
  const choose = (patch: Partial<Record<keyof ViewFilter, unknown>>) =>
    // the fields are those of the schema, which checks them again when the address is read
    update(patch as Parameters<typeof update>[0], { push: true });
  const select = (
    label: string,
    name: keyof ViewFilter,
    options: readonly { value: string; name: string }[],
  ) => (
    <SelectField
      label={label}
      value={String(filter[name] ?? "")}
      options={options}
      onChange={(value) => choose({ [name]: value === "" ? undefined : value })}
    />
  );
  return (
    <search className="filters" aria-label="Filter the trials">
      {select("Arm", "arm", [ANY, ...arms.map((arm) => ({ value: arm, name: arm }))])}
      {select("Latent", "latent", [
        ANY,
        ...latents.map(({ latent, label }) => ({
          value: String(latent),
          name: label === null ? String(latent) : `${latent} ${oneLine(label, 40)}`,
        })),
      ])}
      {select("Prompt", "prompt", [
        ANY,
        ...prompts.map(({ index, prompt }) => ({ value: String(index), name: oneLine(prompt, 50) })),
      ])}
      {select("Outcome", "outcome", OUTCOME_OPTIONS)}
      {judges.length < 2
        ? null
        : select("Judge", "judge", [
            { value: "", name: "the run's own" },
            ...judges.map(({ judge, judged }) => ({ value: judge, name: `${judge} (${count(judged)})` })),
          ])}
      <SearchField
        label="Words in prompt or response"
        value={filter.search ?? ""}
        onChange={(search) => update({ search: search === "" ? undefined : search })}
      />
      {Object.keys(filter).length === 0 ? null : (
        <Button look="quiet" onClick={() => choose(NONE)}>
          Clear
        </Button>
      )}
    </search>
  );
}
