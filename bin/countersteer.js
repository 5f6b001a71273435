#!/usr/bin/env node
// Plain JavaScript that any Node can parse: it finds a Node that can run the program, and starts it.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import module from "node:module";
import { fileURLToPath } from "node:url";

const NEEDED = 24;
const here = (relative) => fileURLToPath(new URL(relative, import.meta.url));

if (Number.parseInt(process.versions.node, 10) >= NEEDED) {
  await start();
} else {
  startOtherNode();
}

async function start() {
  // Node keeps what it compiled, and the types it stripped, for the next start
  module.enableCompileCache();
  hideExperimentalWarnings();
  // A checkout runs its sources, so that a stale build is never what runs; the published package has no sources.
  const source = "../src/cli/main.ts";
  const entry = existsSync(here(source)) ? source : "../dist/cli/main.js";
  const { main } = await import(new URL(entry, import.meta.url).href);
  process.exitCode = await main({ argv: process.argv.slice(2) });
}

/** node:sqlite and type stripping announce themselves on every start; other warnings stay. */
function hideExperimentalWarnings() {
  const emit = process.emitWarning;
  process.emitWarning = (warning, ...rest) => {
    const [second] = rest;
    const type = typeof second === "string" ? second : (second?.type ?? warning?.name);
    if (type !== "ExperimentalWarning") {
      emit.call(process, warning, ...rest);
    }
  };
}

/** The project pins a Node of its own as a development dependency; an installed package relies on the user's. */
function startOtherNode() {
  const candidates = ["node/bin/node", "node/bin/node.exe", ".bin/node"].map((file) =>
    here(`../node_modules/${file}`),
  );
  const node = candidates.find((file) => existsSync(file));
  if (node === undefined) {
    console.error(
      `countersteer needs Node ${NEEDED} or newer, and this is Node ${process.versions.node} (${process.execPath}).\n` +
        `Install Node ${NEEDED} (https://nodejs.org), or in a checkout run \`npm ci\`, which brings one.`,
    );
    process.exitCode = 1;
    return;
  }
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: "inherit" });
  // Ctrl-C reaches both processes; the child decides how to end, and this one ends as it did.
  process.on("SIGINT", () => {});
  for (const signal of ["SIGTERM", "SIGHUP"]) {
    process.on(signal, () => child.kill(signal));
  }
  child.on("error", (error) => {
    console.error(`countersteer could not start ${node}: ${error.message}`);
    process.exitCode = 1;
  });
  child.on("exit", (code, signal) => {
    process.exitCode = code ?? (signal === "SIGINT" ? 130 : 1);
  });
}
