import { useEffect, useState } from "react";
import { Link } from "wouter";
import { Button } from "../../ui/button.tsx";

export interface TrialActionsProps {
  trialKey: string;
  /** Addresses; null where there is none. */
  previous: string | null;
  next: string | null;
  /** null until it is known what the playground can do. */
  replay: string | null;
  /** What a replay leaves out. */
  lacks: readonly string[];
}

export function TrialActions({ trialKey, previous, next, replay, lacks }: TrialActionsProps) {
  return (
    <>
      <Step href={previous} name="Previous" keyName="k" mark="↑" />
      <Step href={next} name="Next" keyName="j" mark="↓" />
      <CopyKey trialKey={trialKey} />
      <Replay href={replay} lacks={lacks} />
    </>
  );
}

function Replay({ href, lacks }: { href: string | null; lacks: readonly string[] }) {
  if (href === null) {
    return (
      <Button size="small" disabled>
        Replay with…
      </Button>
    );
  }
  return (
    <Link
      className="button button-plain button-small"
      href={href}
      title={
        lacks.length === 0 ? "ask the same in the playground" : `the playground can't do ${lacks.join(", ")}`
      }
    >
      Replay with…{lacks.length === 0 ? null : <span className="muted"> without {lacks.join(", ")}</span>}
    </Link>
  );
}

interface StepProps {
  href: string | null;
  name: string;
  keyName: string;
  mark: string;
}

function Step({ href, name, keyName, mark }: StepProps) {
  const words = (
    <>
      <span aria-hidden="true">{mark}</span> {name}
    </>
  );
  if (href === null) {
    return (
      <Button size="small" disabled>
        {words}
      </Button>
    );
  }
  return (
    <Link
      className="button button-plain button-small"
      href={href}
      title={`key ${keyName}`}
      aria-keyshortcuts={keyName}
    >
      {words}
    </Link>
  );
}

const TOLD_MS = 2000;

function CopyKey({ trialKey }: { trialKey: string }) {
  const [told, setTold] = useState<string | null>(null);
  useEffect(() => {
    if (told === null) return;
    const timer = setTimeout(() => setTold(null), TOLD_MS);
    return () => clearTimeout(timer);
  }, [told]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(trialKey);
      setTold("Copied");
    } catch {
      setTold("Not allowed to copy");
    }
  };
  return (
    <Button size="small" onClick={() => void copy()} title={trialKey}>
      <span role="status">{told ?? "Copy key"}</span>
    </Button>
  );
}
