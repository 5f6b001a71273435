/** Numbers as people read them. A value that is not there is a dash. */

export const ABSENT = "–";
const grouped = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

export function count(value: number): string {
  return grouped.format(value);
}

/** `3 trials`, `1 trial`. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** A share of 1 in per cent. */
export function percent(value: number | null, digits = 1): string {
  return value === null ? ABSENT : `${(100 * value).toFixed(digits)} %`;
}

export function fixed(value: number | null, digits = 1): string {
  return value === null
    ? ABSENT
    : value
        .toFixed(digits)
        .replace(/^-(?=0(?:\.0*)?$)/, "")
        .replace("-", "−");
}

/** At most `digits` decimals, none where they are 0. */
export function short(value: number | null, digits = 3): string {
  if (value === null) return ABSENT;
  return String(Number(value.toFixed(digits))).replace("-", "−");
}

/** `1.2 to 6.0`, times `scale`. */
export function range(lower: number | null, upper: number | null, scale = 1, digits = 1): string {
  return lower === null || upper === null
    ? ABSENT
    : `${fixed(scale * lower, digits)} to ${fixed(scale * upper, digits)}`;
}

/** A p value: three decimals, and never 0. */
export function pValue(p: number): string {
  return p < 0.001 ? "< 0.001" : p.toFixed(3);
}

/** Density of a latent or another small share: two significant digits. */
export function smallShare(value: number | null): string {
  if (value === null) return ABSENT;
  const share = 100 * value;
  return `${share === 0 ? "0" : share < 0.01 ? "< 0.01" : Number(share.toPrecision(2))} %`;
}

const dateTime = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });

/** In the reader's time zone. */
export function when(iso: string): string {
  return dateTime.format(new Date(iso));
}

/** One line, cut at `length` characters. */
export function oneLine(text: string, length: number): string {
  const points = [...text.replace(/\s+/g, " ").trim()];
  return points.length <= length ? points.join("") : `${points.slice(0, length - 1).join("")}…`;
}

/** Of a path of any system. */
export function lastPart(path: string): string {
  return path.split(/[/\\]/).findLast((part) => part !== "") ?? path;
}
