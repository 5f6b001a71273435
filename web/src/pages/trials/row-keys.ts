/** Which row a key leads to. */

export interface RowKeyOptions {
  key: string;
  /** null where no row is selected. */
  row: number | null;
  total: number;
  /** Rows that are wholly in view. */
  page: number;
}

/** The row to select; null for keys that move nothing. */
export function rowForKey({ key, row, total, page }: RowKeyOptions): number | null {
  if (total <= 0) return null;
  const step = Math.max(1, page - 1);
  const at = row ?? -1;
  const to = {
    ArrowDown: at + 1,
    ArrowUp: Math.max(0, at) - 1,
    PageDown: Math.max(0, at) + step,
    PageUp: Math.max(0, at) - step,
    Home: 0,
    End: total - 1,
  }[key];
  return to === undefined ? null : Math.max(0, Math.min(to, total - 1));
}
