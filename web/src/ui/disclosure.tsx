import { type ReactNode, useState } from "react";

export interface DisclosureProps {
  summary: ReactNode;
  /** Made when it is first opened. */
  children: () => ReactNode;
  open?: boolean;
}

export function Disclosure({ summary, children, open = false }: DisclosureProps) {
  const [wasOpen, setWasOpen] = useState(open);
  return (
    <details
      className="disclosure"
      open={open}
      onToggle={(event) => {
        if (event.currentTarget.open) setWasOpen(true);
      }}
    >
      <summary>{summary}</summary>
      {wasOpen ? <div className="disclosure-body">{children()}</div> : null}
    </details>
  );
}
