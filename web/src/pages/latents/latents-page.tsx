/** The latents of a dictionary: search, narrow down, sort, and leaf through. */

import { z } from "zod";
import {
  latentPageSchema,
  latentQuerySchema,
  saeListSchema,
} from "../../../../src/server/viewer/api/latents.ts";
import { apiPath } from "../../lib/api.ts";
import { count } from "../../lib/format.ts";
import { useUrlState } from "../../lib/url-state.ts";
import { useApi } from "../../lib/use-api.ts";
import { SelectField } from "../../ui/fields.tsx";
import { Page } from "../../ui/page.tsx";
import { SearchField } from "../../ui/search-field.tsx";
import { Empty, QueryView } from "../../ui/states.tsx";
import { LatentsTable } from "./latents-table.tsx";
import { Pager } from "./pager.tsx";
import "./latents.css";

const { limit: _, ...query } = latentQuerySchema.shape;
const stateSchema = z.object({ sae: z.string().exactOptional(), ...query });
const LIMIT = 100;

const KINDS = [
  { value: "all", name: "all" },
  { value: "detectors", name: "off-topic detectors" },
  { value: "concrete", name: "concrete" },
] as const;

export default function LatentsPage() {
  const [state, update] = useUrlState(stateSchema);
  const list = useApi({ path: "/api/saes", schema: saeListSchema });
  const saes = list.data?.saes ?? [];
  const sae = saes.find(({ id }) => id === state.sae) ?? saes[0];
  return (
    <Page
      title="Latents"
      lede={
        sae === undefined
          ? undefined
          : `${sae.name}: ${sae.layer === null ? "" : `layer ${sae.layer}, `}${count(sae.latents)} latents, ${count(sae.labelled)} with a label.`
      }
    >
      <QueryView query={list} what="dictionaries">
        {() =>
          sae === undefined ? (
            <Empty title="No dictionary is here.">
              <p>One comes with the default model, and those that runs name appear too.</p>
            </Empty>
          ) : (
            <>
              <search className="filters" aria-label="Find latents">
                {saes.length < 2 ? null : (
                  <SelectField
                    label="Dictionary"
                    value={sae.id}
                    options={saes.map(({ id, name }) => ({ value: id, name }))}
                    onChange={(id) => update({ sae: id, offset: 0 }, { push: true })}
                  />
                )}
                <SearchField
                  label="Words of the label, or a number"
                  value={state.search}
                  onChange={(search) => update({ search, offset: 0 })}
                />
                <SelectField
                  label="Kind"
                  value={state.kind}
                  options={KINDS}
                  onChange={(kind) => update({ kind, offset: 0 }, { push: true })}
                />
              </search>
              <Found sae={sae.id} state={state} update={update} />
            </>
          )
        }
      </QueryView>
    </Page>
  );
}

type State = z.infer<typeof stateSchema>;

interface FoundProps {
  sae: string;
  state: State;
  update: ReturnType<typeof useUrlState<typeof stateSchema>>[1];
}

function Found({ sae, state, update }: FoundProps) {
  const { search, kind, sort, direction, offset } = state;
  const page = useApi({
    path: apiPath`/api/saes/${sae}/latents`,
    query: { search, kind, sort, direction, offset, limit: LIMIT },
    schema: latentPageSchema,
    keep: true,
  });
  return (
    <QueryView query={page} what="latents">
      {({ total, rows }) =>
        total === 0 ? (
          <Empty title="No latent is like that." />
        ) : (
          <>
            <LatentsTable
              sae={sae}
              rows={rows}
              sort={sort}
              direction={direction}
              onSort={(order) => update({ ...order, offset: 0 }, { push: true })}
            />
            <Pager
              offset={offset}
              shown={rows.length}
              limit={LIMIT}
              total={total}
              onOffset={(to) => {
                update({ offset: to }, { push: true });
                window.scrollTo(0, 0);
              }}
            />
          </>
        )
      }
    </QueryView>
  );
}
