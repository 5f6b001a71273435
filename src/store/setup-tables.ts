/** What is known before the first trial: manifest, arms, latents. */
import type { z } from "zod";
import { digestOf, fromJson, toJson } from "./columns.ts";
import type { Database } from "./database.ts";
import { type Manifest, manifestSchema } from "./manifest.ts";
import { type ArmRecord, armSchema, type LatentRecord, latentSchema } from "./records.ts";

export type LatentInput = z.input<typeof latentSchema>;

export function putManifest(db: Database, input: Manifest): boolean {
  const manifest = manifestSchema.parse(input);
  return db.putOnce({
    table: "manifest",
    key: { id: 1 },
    values: { json: toJson(manifest) },
    digest: digestOf(manifest),
  });
}

export function getManifest(db: Database): Manifest {
  const row = db.get("SELECT json FROM manifest") ?? {};
  return db.decode({ schema: manifestSchema, table: "manifest", read: () => fromJson(row, "json") });
}

/** The order is kept; arms may be added later, under other names. */
export function putArms(db: Database, arms: readonly ArmRecord[]): void {
  db.transaction(() => {
    for (const input of arms) {
      const { name, content } = armSchema.parse(input);
      const { n } = db.get("SELECT count(*) AS n FROM arms") ?? {};
      db.putOnce({
        table: "arms",
        key: { name },
        values: { position: Number(n), content: toJson(content) },
        digest: digestOf({ content }),
      });
    }
  });
}

export function getArms(db: Database): ArmRecord[] {
  return db.all("SELECT * FROM arms ORDER BY position").map((row) =>
    db.decode({
      schema: armSchema,
      table: "arms",
      read: () => ({ name: row.name, content: fromJson(row, "content") }),
    }),
  );
}

/** The order is kept within each role. */
export function putLatents(db: Database, latents: readonly LatentInput[]): void {
  db.transaction(() => {
    for (const input of latents) {
      const { role, latent, label, detail } = latentSchema.parse(input);
      const { n } = db.get("SELECT count(*) AS n FROM latents") ?? {};
      db.putOnce({
        table: "latents",
        key: { role, latent },
        values: { position: Number(n), label, detail: toJson(detail) },
        digest: digestOf({ label, detail }),
      });
    }
  });
}

export function getLatents(db: Database, { role }: { role?: string }): LatentRecord[] {
  const rows = db.all("SELECT * FROM latents WHERE role = coalesce(?, role) ORDER BY position", [
    role ?? null,
  ]);
  return rows.map((row) =>
    db.decode({
      schema: latentSchema,
      table: "latents",
      read: () => ({
        role: row.role,
        latent: row.latent,
        label: row.label,
        detail: fromJson(row, "detail"),
      }),
    }),
  );
}
