/** One latent: what it fires on, how often, what it is used for, and a way to try it. */
import { Link, useParams } from "wouter";
import {
  type LatentDetail,
  latentDetailSchema,
  saeListSchema,
} from "../../../../src/server/viewer/api/latents.ts";
import { apiPath } from "../../lib/api.ts";
import { oneLine, short, smallShare } from "../../lib/format.ts";
import { links } from "../../lib/links.ts";
import { useApi } from "../../lib/use-api.ts";
import { DataTable } from "../../ui/data-table.tsx";
import { Facts } from "../../ui/facts.tsx";
import { OddText } from "../../ui/odd-text.tsx";
import { Page } from "../../ui/page.tsx";
import { Empty, QueryView } from "../../ui/states.tsx";
import { Contexts } from "./contexts.tsx";
import { strengthToTry } from "./strength-to-try.ts";
import "./latents.css";

export default function LatentPage() {
  const { sae = "", latent = "" } = useParams<{ sae: string; latent: string }>();
  const query = useApi({ path: apiPath`/api/saes/${sae}/latents/${latent}`, schema: latentDetailSchema });
  const saes = useApi({ path: "/api/saes", schema: saeListSchema });
  const name = saes.data?.saes.find(({ id }) => id === sae)?.name ?? sae;
  const detail = query.data;
  return (
    <Page
      title={`Latent ${latent}`}
      heading={
        <>
          Latent <span className="number">{latent}</span>
        </>
      }
      crumbs={[
        { name: "Latents", href: links.latents() },
        { name: oneLine(name, 60), href: links.latents({ sae }) },
      ]}
      lede={
        detail === undefined ? undefined : detail.label === null ? (
          "It has no label."
        ) : (
          <span className="latent-label">
            <OddText text={detail.label} />
          </span>
        )
      }
      actions={detail === undefined ? undefined : <TryIt detail={detail} />}
    >
      <QueryView query={query} what="the latent">
        {(found) => (
          <>
            <LatentFacts detail={found} />
            <section className="section">
              <h2>Where it fires most</h2>
              {found.contexts.length === 0 ? (
                <Empty size="small" title="No texts are stored for it.">
                  <p>
                    <code>countersteer latents label</code> reads a corpus and keeps them with the SAE.
                  </p>
                </Empty>
              ) : (
                <Contexts contexts={found.contexts} />
              )}
            </section>
            <section className="section">
              <h2>Runs that hold it</h2>
              <Runs latent={found.latent} runs={found.runs} />
            </section>
          </>
        )}
      </QueryView>
    </Page>
  );
}

function TryIt({ detail }: { detail: LatentDetail }) {
  const strength = strengthToTry(detail);
  return (
    <Link
      className="button button-main"
      href={links.playground({ latent: detail.latent, strength: short(strength, 2) })}
    >
      Try it at strength {short(strength, 2)}
    </Link>
  );
}

function LatentFacts({ detail }: { detail: LatentDetail }) {
  const { density, detectorAuc, concrete, decoderNorm, dosePerStrength } = detail;
  return (
    <Facts
      facts={[
        {
          name: "Density",
          value: density === null ? "not measured" : `fires on ${smallShare(density)} of tokens`,
        },
        {
          name: "Off-topic detector",
          value: detectorAuc === null ? "no" : `yes, with an AUC of ${short(detectorAuc, 3)}`,
        },
        { name: "Concrete", value: concrete === null ? "not judged" : concrete ? "yes" : "no" },
        { name: "Decoder norm", value: short(decoderNorm, 4) },
        {
          name: "Dose of strength 1",
          value: dosePerStrength === null ? "unknown: the mean residual norm is" : short(dosePerStrength, 5),
        },
      ]}
    />
  );
}

function Runs({ latent, runs }: Pick<LatentDetail, "latent" | "runs">) {
  if (runs.length === 0) return <Empty size="small" title="No run of this folder does." />;
  return (
    <DataTable
      caption="Threshold: the strength at which first attempts score the target"
      columns={[{ name: "Run" }, { name: "Role" }, { name: "Threshold", kind: "number" }, { name: "" }]}
      rows={runs.map(({ run, name, role, threshold }) => ({
        key: `${run} ${role}`,
        cells: [
          <Link key="run" href={links.run(run)}>
            {name}
          </Link>,
          role,
          short(threshold, 2),
          role === "steered" ? (
            <Link key="trials" href={links.trials(run, { latent })}>
              its trials
            </Link>
          ) : null,
        ],
      }))}
    />
  );
}
