/** Which licences a dependency may have, and what each asks of us. An expression is one of SPDX: names with AND, OR and brackets. */

/** Licences that allow use and distribution in any form for a notice at most. */
export const ALLOWED: Readonly<Record<string, string>> = {
  "0BSD": "nothing",
  "Apache-2.0": "its text and the notices beside a copy; a patent grant",
  "BSD-2-Clause": "its text and the copyright notice beside a copy",
  "BSD-3-Clause": "its text and the copyright notice beside a copy; no advertising with the authors' names",
  "BSL-1.0": "its text beside a copy of the source",
  ISC: "its text and the copyright notice beside a copy",
  MIT: "its text and the copyright notice beside a copy",
  Unlicense: "nothing",
};

/** Packages under a licence that asks for more, and why they can be here. */
export const EXCEPTIONS: readonly { licence: string; packages: RegExp; reason: string }[] = [
  {
    licence: "MPL-2.0",
    packages: /^@resvg\/resvg-wasm$/,
    reason:
      "a dependency that npm installs from its authors, unchanged: changes to its files would have to be published",
  },
  {
    licence: "MPL-2.0",
    packages: /^(?:@axe-core\/playwright|axe-core|lightningcss(?:-.+)?)$/,
    reason: "tools of development; nothing of them is distributed",
  },
];

/** True where the rules allow the package under the licence that it states. */
export function isAllowed({ name, licence }: { name: string; licence: string | undefined }): boolean {
  if (licence === undefined) return false;
  const mayUse = (each: string) =>
    Object.hasOwn(ALLOWED, each) ||
    EXCEPTIONS.some(({ licence: other, packages }) => other === each && packages.test(name));
  const tokens = licence.match(/[()]|[^\s()]+/g) ?? [];
  const parsed = either(tokens, 0, mayUse);
  return parsed !== null && parsed.next === tokens.length && parsed.allowed;
}

interface Parsed {
  allowed: boolean;
  next: number;
}

type MayUse = (licence: string) => boolean;

/** AND binds closer than OR. Null for what is no expression. */
function either(tokens: readonly string[], at: number, mayUse: MayUse): Parsed | null {
  let left = both(tokens, at, mayUse);
  while (left !== null && tokens[left.next] === "OR") {
    const right = both(tokens, left.next + 1, mayUse);
    left = right && { allowed: left.allowed || right.allowed, next: right.next };
  }
  return left;
}

function both(tokens: readonly string[], at: number, mayUse: MayUse): Parsed | null {
  let left = single(tokens, at, mayUse);
  while (left !== null && tokens[left.next] === "AND") {
    const right = single(tokens, left.next + 1, mayUse);
    left = right && { allowed: left.allowed && right.allowed, next: right.next };
  }
  return left;
}

function single(tokens: readonly string[], at: number, mayUse: MayUse): Parsed | null {
  const token = tokens[at];
  if (token === undefined || token === ")" || token === "AND" || token === "OR") return null;
  if (token !== "(") return { allowed: mayUse(token), next: at + 1 };
  const inside = either(tokens, at + 1, mayUse);
  return inside !== null && tokens[inside.next] === ")" ? { ...inside, next: inside.next + 1 } : null;
}
