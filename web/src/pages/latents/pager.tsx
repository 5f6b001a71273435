import { count } from "../../lib/format.ts";
import { Button } from "../../ui/button.tsx";

export interface PagerProps {
  offset: number;
  /** Rows on this page. */
  shown: number;
  limit: number;
  total: number;
  onOffset: (offset: number) => void;
}

export function Pager({ offset, shown, limit, total, onOffset }: PagerProps) {
  return (
    <nav className="pager" aria-label="Pages of the table">
      <Button disabled={offset === 0} onClick={() => onOffset(Math.max(0, offset - limit))}>
        Previous
      </Button>
      <span className="muted number" role="status">
        {shown === 0 ? "none" : `${count(offset + 1)} to ${count(offset + shown)}`} of {count(total)}
      </span>
      <Button disabled={offset + shown >= total} onClick={() => onOffset(offset + limit)}>
        Next
      </Button>
    </nav>
  );
}
