/** What `package-lock.json` says of each package that npm installs. */
import { z } from "zod";

const packageSchema = z.object({
  version: z.string(),
  license: z.string().optional(),
  integrity: z.string().optional(),
  resolved: z.string().optional(),
  link: z.boolean().optional(),
  dev: z.boolean().optional(),
  optional: z.boolean().optional(),
  hasInstallScript: z.boolean().optional(),
  dependencies: z.record(z.string(), z.string()).optional(),
});

const lockSchema = z.object({ packages: z.record(z.string(), z.unknown()) });

export type LockedPackage = z.infer<typeof packageSchema> & {
  /** Its folder, such as `node_modules/a/node_modules/b`. */
  path: string;
  name: string;
};

/** Every package but the project itself, in the order of names and versions. */
export function lockedPackages({ text }: { text: string }): LockedPackage[] {
  const { packages } = lockSchema.parse(JSON.parse(text));
  return Object.entries(packages)
    .filter(([path]) => path !== "")
    .map(([path, entry]) => ({
      ...packageSchema.parse(entry),
      path,
      name: path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length),
    }))
    .sort((a, b) => compare(a.name, b.name) || compare(a.version, b.version));
}

/** By code units, so that the order is the same in every locale. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Names of packages that the named ones bring along, with them. */
export function withTheirOwn({
  names,
  packages,
}: {
  names: readonly string[];
  packages: readonly LockedPackage[];
}): Set<string> {
  const byName = Map.groupBy(packages, ({ name }) => name);
  const found = new Set<string>();
  const queue = [...names];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    for (const { dependencies = {} } of byName.get(name) ?? []) queue.push(...Object.keys(dependencies));
  }
  return found;
}
