/** Starts and ends the viewer. */
import { randomBytes } from "node:crypto";
import path from "node:path";
import { messageOf } from "../../errors.ts";
import { startHttpServer } from "../http-server.ts";
import type { ViewSession } from "./api/session.ts";
import { viewerApp } from "./app.ts";
import { readAppFiles } from "./app-files.ts";
import { LatentPages, type LatentPagesOptions } from "./latent-pages.ts";
import { OpenRuns } from "./open-runs.ts";
import { PageMaker } from "./page-maker.ts";
import type { PlaygroundOptions } from "./playground/options.ts";
import { Playground } from "./playground/playground.ts";
import { playgroundRoutes } from "./playground/routes.ts";
import { RunControl, type RunControlOptions } from "./run-control.ts";
import { RunRows } from "./run-row.ts";
import { RunShelf } from "./run-shelf.ts";
import { SaeShelf, type SaeShelfOptions } from "./sae-shelf.ts";

export interface ViewerOptions
  extends Pick<LatentPagesOptions, "detectorFiles">,
    Pick<SaeShelfOptions, "shipped">,
    RunControlOptions {
  /** The folder that is shown; it may hold runs, or be one. */
  folder: string;
  /** Of this package. */
  version: string;
  /** What the playground runs; null for no playground. */
  playground: Omit<PlaygroundOptions, "folder" | "saeId" | "runId"> | null;
  /** 0 takes a free one. @default 0 */
  port?: number;
  /** @default "127.0.0.1" */
  host?: string;
  /** Host names that are let in besides addresses and `localhost`. @default none */
  hostNames?: readonly string[];
  /** Folder of the built app. @default `dist/web` of this package */
  appFolder?: string;
  /** Bytes of a request. @default 1 MiB */
  maxBody?: number;
  /** Live answers that may be open at a time. @default 64 */
  maxStreams?: number;
  /** Milliseconds between looks at a run that is watched. @default 1000 */
  liveEveryMs?: number;
  /** Get ready to draw pages before one is asked for. @default true */
  warm?: boolean;
  /** @default 32 random bytes */
  newToken?: () => string;
}

export interface ViewerServer {
  /** `http://HOST:PORT` */
  url: string;
  /** The same with the token of this start. */
  link: string;
  port: number;
  token: string;
  /** Ends live answers and what the playground runs. @param graceMs for other requests that are under way. @default 1000 */
  close: (options?: { graceMs?: number }) => Promise<void>;
}

/** Throws CONFIG_INVALID where the folder can't be shown, the app was not built, or the address can't be listened on. */
export async function startViewer(options: ViewerOptions): Promise<ViewerServer> {
  const { folder, version, port = 0, host = "127.0.0.1", hostNames = [], liveEveryMs = 1000 } = options;
  const {
    maxBody = 2 ** 20,
    maxStreams = 64,
    newToken = () => randomBytes(32).toString("base64url"),
  } = options;
  const { warm = true, appFolder, resumeCommand, env, shipped, detectorFiles } = options;
  const shelf = new RunShelf({ root: folder });
  const files = readAppFiles(appFolder === undefined ? {} : { folder: appFolder });
  const token = newToken();
  const end = new AbortController();
  const opened = new OpenRuns();
  const pages = new PageMaker();
  const control = new RunControl({
    ...(resumeCommand === undefined ? {} : { resumeCommand }),
    ...(env === undefined ? {} : { env }),
  });
  const saes = new SaeShelf({
    runs: () => shelf.known(),
    opened,
    ...(shipped === undefined ? {} : { shipped }),
  });
  const latents = new LatentPages({ shelf: saes, ...(detectorFiles === undefined ? {} : { detectorFiles }) });
  const playground =
    options.playground === null
      ? null
      : new Playground({
          ...options.playground,
          folder: shelf.root,
          saeId: (file) => saes.idAt(file) ?? path.basename(file),
          runId: (dir) => shelf.idOf(dir),
        });
  let closing = false;
  const app = viewerApp({
    token,
    hostNames: [host, ...hostNames],
    files,
    session: async () => ({ version, folder, playground: await modelOf(playground) }),
    shelf,
    opened,
    rows: new RunRows({ control, opened }),
    pages,
    control,
    latents,
    playground: playground === null ? null : playgroundRoutes({ playground }),
    maxBody,
    maxStreams,
    liveEveryMs,
    signal: end.signal,
    isClosing: () => closing,
  });
  const server = await startHttpServer({
    fetch: app.fetch,
    port,
    host,
    onClosing: () => {
      closing = true;
      // a live answer would go on for ever
      end.abort();
    },
    onEnd: () => {},
  });
  if (warm) pages.warm();
  return {
    url: server.url,
    link: `${server.url}/#token=${token}`,
    port: server.port,
    token,
    close: async ({ graceMs = 1000 } = {}) => {
      await Promise.all([server.close({ graceMs }), playground?.close()]);
      await pages.close();
      opened.close();
      saes.close();
    },
  };
}

async function modelOf(playground: Playground | null): Promise<ViewSession["playground"]> {
  if (playground === null) return { model: null, why: "The viewer was started without a playground." };
  try {
    const { model } = await playground.describe();
    return { model: model.name, why: null };
  } catch (error) {
    return { model: null, why: messageOf(error) };
  }
}
