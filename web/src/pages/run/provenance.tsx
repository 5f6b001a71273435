/** What the numbers come from. Of paths only the last part is shown, for screens are shared. */
import type { CalibrationRow } from "../../../../src/report/calibration-rows.ts";
import type { RunReport } from "../../../../src/report/run-report.ts";
import { count, fixed, lastPart, range, short, when } from "../../lib/format.ts";
import { DataTable } from "../../ui/data-table.tsx";
import { Disclosure } from "../../ui/disclosure.tsx";
import { Facts } from "../../ui/facts.tsx";

export function Provenance({ report }: { report: RunReport }) {
  const { manifest, judge, margin, level, calibration } = report.summary;
  const { model, sae, sampling, engine } = manifest;
  return (
    <section className="section">
      <h2>Settings and provenance</h2>
      <Facts
        facts={[
          {
            name: "Design",
            value:
              manifest.preset === null ? manifest.design : `${manifest.design}, preset ${manifest.preset}`,
          },
          {
            name: "Model",
            value: `${lastPart(model.path)}: ${model.architecture}, ${model.weightType} (${model.weightMode}), ${model.layers ?? "?"} layers of ${model.dModel ?? "?"}`,
          },
          {
            name: "Dictionary",
            value:
              sae === null
                ? "none"
                : `${lastPart(sae.path)}: layer ${sae.layer ?? "?"}, ${sae.latents === null ? "?" : count(sae.latents)} latents`,
          },
          { name: "Steered layer", value: manifest.layer ?? "unknown" },
          {
            name: "Target",
            value:
              manifest.target === null
                ? "none"
                : `first attempts are to score ${short(manifest.target)} of 100`,
          },
          { name: "Judge", value: judge },
          { name: "Success", value: `last score > first score + ${short(margin)}` },
          { name: "Intervals", value: `${short(100 * level)} %` },
          { name: "Sampling", value: pairs(sampling) },
          { name: "Seed", value: manifest.seed ?? "unknown" },
          { name: "Engine", value: pairs(engine) },
          {
            name: "Countersteer",
            value: `${manifest.packageVersion}, commit ${manifest.gitCommit ?? "unknown"}, Node ${manifest.nodeVersion}`,
          },
          { name: "Begun", value: when(manifest.createdAt) },
        ]}
      />
      {calibration.length === 0 ? null : (
        <Disclosure summary={`Thresholds of ${count(calibration.length)} latents`}>
          {() => <Thresholds rows={calibration} />}
        </Disclosure>
      )}
      <Disclosure summary="What makes each arm differ">
        {() => (
          <DataTable
            caption="Arms as declared"
            hideCaption
            columns={[{ name: "Arm" }, { name: "Content", kind: "words" }]}
            rows={report.arms.map(({ name, content }) => ({
              key: name,
              cells: [name, <code key="content">{JSON.stringify(content)}</code>],
            }))}
          />
        )}
      </Disclosure>
      <Disclosure summary="Hashes">
        {() => (
          <Facts
            facts={[
              { name: "Model", value: <code>{model.fileHash}</code> },
              { name: "Template", value: <code>{manifest.templateHash}</code> },
              { name: "Dictionary", value: <code>{sae?.hash ?? "none"}</code> },
              { name: "Prompts", value: <code>{manifest.prompts.evaluation}</code> },
              { name: "Prompts, held out", value: <code>{manifest.prompts.heldOut ?? "none"}</code> },
              { name: "Judge", value: <code>{manifest.judge.hash}</code> },
            ]}
          />
        )}
      </Disclosure>
      <Disclosure summary="Every setting">
        {() => <pre>{JSON.stringify(manifest.config, null, 2)}</pre>}
      </Disclosure>
      <Disclosure summary="The judge">
        {() => <pre>{JSON.stringify(manifest.judge.describe, null, 2)}</pre>}
      </Disclosure>
    </section>
  );
}

function Thresholds({ rows }: { rows: readonly CalibrationRow[] }) {
  return (
    <DataTable
      caption="Strength at which first attempts score the target, with its 90 % credible interval"
      columns={[
        { name: "Latent", kind: "number" },
        { name: "Label", kind: "words" },
        { name: "Search" },
        { name: "Threshold", kind: "number" },
        { name: "90 %" },
        { name: "Queries", kind: "number" },
        { name: "Verified mean", kind: "number" },
        { name: "of", kind: "number" },
        { name: "At an end" },
      ]}
      rows={rows.map((row) => ({
        key: `${row.calibration} ${row.latent}`,
        cells: [
          row.latent,
          row.label,
          row.calibration,
          short(row.threshold),
          range(row.lower, row.upper),
          row.queries,
          fixed(row.verification.mean),
          row.verification.n,
          row.saturation,
        ],
      }))}
    />
  );
}

function pairs(record: Readonly<Record<string, unknown>>): string {
  return Object.entries(record)
    .map(([name, value]) => `${name} ${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(", ");
}
