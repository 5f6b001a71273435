/** Answers of this page become a run of their own. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { type PlaygroundRequest, savedSchema } from "../../../../src/server/viewer/api/playground.ts";
import { api } from "../../lib/api.ts";
import { counted, oneLine, short } from "../../lib/format.ts";
import { links } from "../../lib/links.ts";
import { Button } from "../../ui/button.tsx";
import { TextField } from "../../ui/fields.tsx";
import { ProblemNote } from "../../ui/states.tsx";

export interface FinishedAnswer {
  /** The server's name for it. */
  id: string;
  request: PlaygroundRequest;
}

export interface SaveSetProps {
  /** In the order in which they ended. */
  answers: readonly FinishedAnswer[];
  /** @default now */
  now?: Date;
}

const NAME = /^[A-Za-z0-9][\w-]{0,63}$/;

export function SaveSet({ answers, now = new Date() }: SaveSetProps) {
  const client = useQueryClient();
  const [name, setName] = useState(() => `playground-${now.toISOString().slice(0, 16).replace(/\D/g, "")}`);
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const chosen = answers.filter(({ id }) => !left.has(id));
  const save = useMutation({
    mutationFn: () =>
      api.post({
        path: "/api/playground/save",
        schema: savedSchema,
        body: { name, answers: chosen.map(({ id }) => id) },
      }),
    onSuccess: () => client.invalidateQueries({ queryKey: ["/api/runs"] }),
  });
  const isNamed = NAME.test(name);
  return (
    <section className="section" aria-labelledby="save-set">
      <h2 id="save-set">Save as a trial set</h2>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (isNamed && chosen.length > 0) save.mutate();
        }}
      >
        <fieldset className="play-saved">
          <legend className="field-label">Answers of this page</legend>
          {answers.map(({ id, request }) => (
            <label key={id} className="play-check">
              <input
                type="checkbox"
                checked={!left.has(id)}
                onChange={(event) => {
                  const next = new Set(left);
                  if (event.target.checked) next.delete(id);
                  else next.add(id);
                  setLeft(next);
                }}
              />
              <span>{requestWords(request)}</span>
            </label>
          ))}
        </fieldset>
        <div className="play-save-row">
          <TextField
            label="Name of the new run"
            value={name}
            onChange={setName}
            maxLength={64}
            hint={
              isNamed ? "a folder beside the other runs" : "letters, digits, - and _; a letter or digit first"
            }
            aria-invalid={!isNamed}
          />
          <Button type="submit" disabled={!isNamed || chosen.length === 0 || save.isPending}>
            {save.isPending ? "Saving…" : `Save ${counted(chosen.length, "answer")}`}
          </Button>
        </div>
      </form>
      {save.error === null ? null : <ProblemNote problem={save.error} />}
      <p role="status">
        {save.data === undefined ? "" : "Saved. "}
        {save.data === undefined ? null : <Link href={links.run(save.data.run)}>Open the run</Link>}
      </p>
    </section>
  );
}

/** One line that tells answers apart. */
function requestWords({ prompt, steering, ablate, seed, temperature, maxTokens }: PlaygroundRequest): string {
  const by =
    steering === null
      ? "not steered"
      : `${steering.by.kind === "latent" ? `latent ${steering.by.latent}` : "a contrast"} at ${short(steering.strength)}`;
  const ablated = ablate.length === 0 ? "" : `, ${counted(ablate.length, "latent")} ablated`;
  return `${oneLine(prompt, 60)} · ${by}${ablated} · seed ${seed}, temperature ${short(temperature)}, ${maxTokens} tokens`;
}
