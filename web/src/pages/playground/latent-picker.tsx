/** Chooses a latent by the words of its label or by its number: a combobox over the server's search. */
import { type KeyboardEvent, useEffect, useId, useState } from "react";
import { type LatentRow, latentPageSchema } from "../../../../src/server/viewer/api/latents.ts";
import { apiPath } from "../../lib/api.ts";
import { problemOf } from "../../lib/api-problem.ts";
import { useApi } from "../../lib/use-api.ts";
import { Button } from "../../ui/button.tsx";

export interface LatentPickerProps {
  /** Of the SAE. */
  sae: string;
  latent: number | undefined;
  /** Label of the chosen latent, where it is known. */
  name: string | null;
  onChange: (latent: number | undefined) => void;
}

const SHOWN = 12;
const WAIT_MS = 200;

export function LatentPicker({ sae, latent, name, onChange }: LatentPickerProps) {
  const id = useId();
  const [typed, setTyped] = useState("");
  const [search, setSearch] = useState("");
  const [isOpen, setIsOpen] = useState(false);
  const [at, setAt] = useState(-1);
  useEffect(() => {
    const timer = setTimeout(() => setSearch(typed.trim()), WAIT_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  const found = useApi({
    path: apiPath`/api/saes/${sae}/latents`,
    query: { search, limit: SHOWN },
    schema: latentPageSchema,
    enabled: isOpen && search !== "",
    keep: true,
  });
  const rows = isOpen && search !== "" ? (found.data?.rows ?? []) : [];
  const choose = ({ latent: chosen }: LatentRow) => {
    onChange(chosen);
    setTyped("");
    setSearch("");
    setIsOpen(false);
    setAt(-1);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0 && rows.length > 0) {
      event.preventDefault();
      setAt(at < 0 && step < 0 ? rows.length - 1 : (at + step + rows.length) % rows.length);
    } else if (event.key === "Enter" && isOpen && typed !== "") {
      // in a form Enter would ask the question
      event.preventDefault();
      const row = rows[Math.max(0, at)];
      if (row !== undefined) choose(row);
    } else if (event.key === "Escape" && isOpen) {
      event.preventDefault();
      setIsOpen(false);
      setAt(-1);
    }
  };
  const option = (index: number) => `${id}-option-${index}`;
  return (
    <div className="field play-picker">
      <label className="field-label" htmlFor={id}>
        Latent
      </label>
      <p className="play-chosen" id={`${id}-chosen`}>
        {latent === undefined ? (
          <span className="muted">none chosen</span>
        ) : (
          <>
            <span>
              <strong className="number">{latent}</strong> {name ?? ""}
            </span>
            <Button size="small" look="quiet" onClick={() => onChange(undefined)}>
              Clear<span className="visually-hidden"> latent {latent}</span>
            </Button>
          </>
        )}
      </p>
      <input
        id={id}
        className="input"
        type="text"
        role="combobox"
        autoComplete="off"
        spellCheck={false}
        placeholder="search by label or number"
        aria-expanded={rows.length > 0}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={at >= 0 && at < rows.length ? option(at) : undefined}
        aria-describedby={`${id}-chosen ${id}-found`}
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          setIsOpen(true);
          setAt(-1);
        }}
        onKeyDown={onKeyDown}
        onBlur={() => setIsOpen(false)}
        onFocus={() => setIsOpen(true)}
      />
      <div
        id={`${id}-list`}
        className="play-options"
        role="listbox"
        aria-label="Latents"
        hidden={rows.length === 0}
      >
        {rows.map((row, index) => (
          // biome-ignore lint/a11y/useFocusableInteractive: as above
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the input
          <div
            key={row.latent}
            id={option(index)}
            className="play-option"
            role="option"
            aria-selected={index === at}
            // before the input loses the focus, which would close the list
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => choose(row)}
          >
            <span className="number">{row.latent}</span>{" "}
            {row.label ?? <span className="muted">no label</span>}
            {row.detectorAuc === null ? null : <span className="play-tag">detector</span>}
          </div>
        ))}
      </div>
      <p className="field-hint" id={`${id}-found`} role="status">
        {foundWords({ found, search, isOpen })}
      </p>
    </div>
  );
}

function foundWords({
  found: { data, error, isPlaceholderData },
  search,
  isOpen,
}: {
  found: { data: { total: number } | undefined; error: unknown; isPlaceholderData: boolean };
  search: string;
  isOpen: boolean;
}): string {
  if (!isOpen || search === "") return "";
  if (error !== null) return problemOf(error).what;
  if (data === undefined || isPlaceholderData) return "Searching…";
  if (data.total === 0) return "No latent has these words in its label.";
  return data.total > SHOWN ? `The first ${SHOWN} of ${data.total}.` : `${data.total} found.`;
}
