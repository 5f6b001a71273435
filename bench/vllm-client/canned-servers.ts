/**
 * Many vLLM servers in one child process, so cheap that they don't hide what the client costs: every completion is answered by the same bytes
 * after a time that is drawn from a distribution. They read no more of HTTP than the length of a body.
 * The parent says `{open: {...}}` once, then asks `"meter"`.
 */
import { createServer, type Socket } from "node:net";
import { performance } from "node:perf_hooks";
import { z } from "zod";
import { drawLatency, mulberry } from "./latency.ts";

const openSchema = z.object({
  open: z.object({
    servers: z.number(),
    /** Body of `GET /countersteer/health`. */
    health: z.string(),
    /** Body of every completion. */
    completion: z.string(),
    /** Mean time to an answer, in milliseconds. */
    meanMs: z.number(),
    /** Answer times as parts of their mean, ascending. */
    quantiles: z.array(z.number()),
    seed: z.number(),
  }),
});
const messageSchema = z.union([openSchema, z.literal("meter")]);
type Opened = z.infer<typeof openSchema>["open"];

/** Requests under way, and how many there were over time. */
let open = 0;
let integral = 0;
let answered = 0;
let since = performance.now();

function count(change: number): void {
  const now = performance.now();
  integral += open * (now - since);
  since = now;
  open += change;
}

function response(body: string): Buffer {
  const bytes = Buffer.from(body);
  const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${bytes.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), bytes]);
}

async function listen({ servers, health, completion, meanMs, quantiles, seed }: Opened): Promise<number[]> {
  const healthBytes = response(health);
  const answer = response(completion);
  const random = mulberry(seed);
  const serve = (socket: Socket) => {
    socket.setNoDelay(true);
    socket.on("error", () => socket.destroy());
    let head = "";
    let left = -1;
    const begin = (isHealth: boolean) => {
      head = "";
      left = -1;
      if (isHealth) {
        socket.write(healthBytes);
        return;
      }
      count(1);
      setTimeout(
        () => {
          count(-1);
          answered++;
          socket.write(answer);
        },
        meanMs * drawLatency({ quantiles, u: random() }),
      );
    };
    let isHealth = false;
    socket.on("data", (chunk) => {
      if (left < 0) {
        head += chunk.toString("latin1");
        const end = head.indexOf("\r\n\r\n");
        if (end < 0) return;
        isHealth = head.startsWith("GET");
        const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
        left = length - (head.length - end - 4);
      } else {
        left -= chunk.length;
      }
      if (left <= 0) begin(isHealth);
    });
  };
  return await Promise.all(
    Array.from(
      { length: servers },
      () =>
        new Promise<number>((resolve, reject) => {
          const server = createServer(serve);
          server.once("error", reject);
          server.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, () => {
            const address = server.address();
            resolve(address === null || typeof address === "string" ? 0 : address.port);
          });
        }),
    ),
  );
}

process.on("message", (raw) => {
  const message = messageSchema.parse(raw);
  if (message === "meter") {
    count(0);
    const cpu = process.cpuUsage();
    process.send?.({ meter: { integral, answered, open, cpuSeconds: (cpu.user + cpu.system) / 1e6 } });
    return;
  }
  listen(message.open).then(
    (ports) => process.send?.({ ports }),
    (error: unknown) => process.send?.({ failed: String(error) }),
  );
});
process.on("disconnect", () => process.exit(0));
