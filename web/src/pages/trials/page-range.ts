/** Which pages of rows to ask for, from the rows that are in view. */

export interface PageRangeOptions {
  /** Rows in view, the last one included. */
  first: number;
  last: number;
  /** Rows of a page. */
  size: number;
  /** Rows of the table. */
  total: number;
  /** Rows beyond the view, on either side, that should be there before they are seen. */
  ahead: number;
}

/** Numbers of the pages, those in view first and then the nearest. */
export function pagesFor({ first, last, size, total, ahead }: PageRangeOptions): number[] {
  if (total <= 0) return [];
  const pageOf = (row: number) => Math.floor(Math.max(0, Math.min(row, total - 1)) / size);
  const [from, to] = [pageOf(first), pageOf(last)];
  const pages = between(from, to);
  const [least, most] = [pageOf(first - ahead), pageOf(last + ahead)];
  for (let away = 1; from - away >= least || to + away <= most; away++) {
    if (to + away <= most) pages.push(to + away);
    if (from - away >= least) pages.push(from - away);
  }
  return pages;
}

function between(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);
}
