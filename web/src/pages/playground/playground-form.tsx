/** Everything that one question of the playground is made of. */
import type { FormEvent, KeyboardEvent } from "react";
import type { Playground } from "../../../../src/server/viewer/api/playground.ts";
import type { UpdateUrl } from "../../lib/url-state.ts";
import { Button } from "../../ui/button.tsx";
import { Disclosure } from "../../ui/disclosure.tsx";
import { SelectField } from "../../ui/fields.tsx";
import { AblationField } from "./ablation-field.tsx";
import { AreaField } from "./area-field.tsx";
import { type FormState, MOST_TOKENS, strengthOf } from "./form-state.ts";
import { LatentPicker } from "./latent-picker.tsx";
import { MetaField } from "./meta-field.tsx";
import { NumberField } from "./number-field.tsx";
import { StrengthField } from "./strength-field.tsx";
import { useDirection } from "./use-dose.ts";

export interface PlaygroundFormProps {
  form: FormState;
  update: UpdateUrl<FormState>;
  shown: Playground;
  isRunning: boolean;
  /** What the form lacks; empty where nothing. */
  lacks: string;
  onRun: () => void;
  onStop: () => void;
}

const POSITIONS = [
  { value: "all", name: "question and answer" },
  { value: "prompt", name: "question only" },
  { value: "generated", name: "answer only" },
] as const;
const DIRECTIONS = [
  { value: "latent", name: "a latent" },
  { value: "contrast", name: "a contrast of prompts" },
] as const;

export function PlaygroundForm({
  form,
  update,
  shown,
  isRunning,
  lacks,
  onRun,
  onStop,
}: PlaygroundFormProps) {
  const direction = useDirection(form, shown.sae);
  return (
    <form
      className="play-form"
      aria-label="Question and steering"
      // the fields keep what they can't take out of the address; what is asked is the address
      noValidate
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        if (!isRunning) onRun();
      }}
    >
      <AreaField
        label="Question"
        rows={3}
        maxLength={20_000}
        value={form.prompt}
        placeholder="How do I boil an egg?"
        onChange={(prompt) => update({ prompt })}
        onKeyDown={(event: KeyboardEvent<HTMLTextAreaElement>) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            // tells what was typed last
            event.currentTarget.blur();
            event.currentTarget.focus();
            if (!isRunning) onRun();
          }
        }}
      />
      <SelectField
        label="Steer with"
        value={form.by}
        options={DIRECTIONS}
        onChange={(by) => update({ by }, { push: true })}
      />
      {form.by === "contrast" ? (
        <Contrast form={form} update={update} />
      ) : shown.sae === null ? (
        <p className="small muted">
          The SAE of {shown.model.name} is not on this machine yet; the first answer fetches it.
        </p>
      ) : (
        <LatentPicker
          sae={shown.sae.id}
          latent={form.latent}
          name={direction.label}
          onChange={(latent) => update({ latent }, { push: true })}
        />
      )}
      <StrengthField
        strength={strengthOf(form, shown)}
        shown={shown}
        dosePerStrength={direction.dosePerStrength}
        onChange={(strength) => update({ strength })}
      />
      <SelectField
        label="Rows to edit"
        value={form.positions}
        options={POSITIONS}
        onChange={(positions) => update({ positions }, { push: true })}
      />
      <AblationField
        ablate={form.ablate}
        detectors={shown.detectors}
        onChange={(ablate) => update({ ablate }, { push: true })}
      />
      <MetaField meta={form.meta} metaPrompts={shown.metaPrompts} onChange={(meta) => update({ meta })} />
      <AdapterField
        adapter={form.adapter}
        adapters={shown.adapters.map(({ name }) => name)}
        update={update}
      />
      <Disclosure summary="Sampling" open>
        {() => (
          <div className="play-sampling">
            <NumberField
              label="Temperature"
              value={form.temperature}
              min={0}
              max={5}
              onChange={(temperature) => update({ temperature })}
            />
            <NumberField
              label="Tokens at most"
              value={form.tokens}
              min={1}
              max={MOST_TOKENS}
              step={1}
              onChange={(tokens) => update({ tokens })}
            />
            <NumberField
              label="Seed"
              value={form.seed}
              min={0}
              max={Number.MAX_SAFE_INTEGER}
              step={1}
              onChange={(seed) => update({ seed })}
            />
            <Button size="small" onClick={() => update({ seed: form.seed + 1 }, { push: true })}>
              Next seed
            </Button>
          </div>
        )}
      </Disclosure>
      <div className="play-actions">
        <Button type="submit" look="main" disabled={isRunning}>
          Run
        </Button>
        <Button look="danger" disabled={!isRunning} onClick={onStop}>
          Stop
        </Button>
        <span className="small muted">
          <kbd>Ctrl</kbd>+<kbd>Enter</kbd> runs, <kbd>Esc</kbd> stops
        </span>
      </div>
      <p className="play-lacks" role="alert">
        {lacks}
      </p>
    </form>
  );
}

function Contrast({ form, update }: Pick<PlaygroundFormProps, "form" | "update">) {
  return (
    <>
      {(["positive", "negative"] as const).map((name) => (
        <AreaField
          key={name}
          label={name === "positive" ? "Towards these prompts" : "Away from these prompts"}
          hint="one a line"
          value={form[name].join("\n")}
          told={(text) => linesOf(text).join("\n")}
          onChange={(text) => update({ [name]: linesOf(text) })}
        />
      ))}
    </>
  );
}

function linesOf(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

function AdapterField({
  adapter,
  adapters,
  update,
}: Pick<PlaygroundFormProps, "update"> & { adapter: string; adapters: readonly string[] }) {
  const isThere = adapter === "" || adapters.includes(adapter);
  const options = [
    { value: "", name: "none" },
    ...adapters.map((name) => ({ value: name, name })),
    ...(isThere ? [] : [{ value: adapter, name: `${adapter} (not here)` }]),
  ];
  return (
    <SelectField
      label="Adapter"
      value={adapter}
      options={options}
      disabled={options.length === 1}
      hint={
        options.length === 1 ? (
          <>
            none is shipped for this model; <code>countersteer view --adapter FILE</code> adds one
          </>
        ) : undefined
      }
      onChange={(next) => update({ adapter: next }, { push: true })}
    />
  );
}
