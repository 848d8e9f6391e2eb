import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const startLimit = 30_000;
const stopLimit = 15_000;

/**
 * Starts the release build before the tests and stops it after them. The tests find it by
 * `baseURL`, and by these variables: `TURNPIKE_URL`, `TURNPIKE_LOG_FILE` (the file with everything
 * that the server printed, the setup code included) and `TURNPIKE_BINARY`.
 */
export default async function startServer(): Promise<() => Promise<void>> {
  const binary = process.env.TURNPIKE_BINARY ?? resolve("../target/release/turnpike");
  if (!existsSync(binary)) {
    throw new Error(`${binary} is missing: run \`cargo xtask build --release\``);
  }
  const folder = mkdtempSync(join(tmpdir(), "turnpike-end2end-"));
  const log = join(folder, "log");
  const dataDir = join(folder, "data");
  const address = `127.0.0.1:${await freePort()}`;
  const output = openSync(log, "a");
  const server = spawn(binary, ["serve", "--listen", address, "--data-dir", dataDir], {
    cwd: resolve(".."),
    stdio: ["ignore", output, output],
    // The provider that the tests connect is on this machine.
    env: { ...process.env, TURNPIKE_PRIVATE_UPSTREAMS: "true" },
  });
  closeSync(output);
  await untilReady(server, address, log);

  process.env.TURNPIKE_URL = `http://${address}`;
  process.env.TURNPIKE_LOG_FILE = log;
  process.env.TURNPIKE_BINARY = binary;
  return () => stopServer(server, folder, log);
}

async function untilReady(server: ChildProcess, address: string, log: string): Promise<void> {
  const deadline = Date.now() + startLimit;
  while (Date.now() < deadline && server.exitCode === null && server.signalCode === null) {
    const ready = await fetch(`http://${address}/readyz`).catch(() => undefined);
    if (ready?.ok) return;
    await sleep(50);
  }
  server.kill("SIGKILL");
  throw new Error(`Turnpike did not become ready; its log:\n${readFileSync(log, "utf8")}`);
}

/** A panic that no test noticed is still a fault: the run fails with the place in the log. */
async function stopServer(server: ChildProcess, folder: string, log: string): Promise<void> {
  const endedEarly = server.exitCode !== null || server.signalCode !== null;
  if (!endedEarly) {
    const ended = once(server, "exit");
    server.kill("SIGTERM");
    const drained = await Promise.race([ended.then(() => true), sleep(stopLimit, false)]);
    if (!drained) {
      server.kill("SIGKILL");
      throw new Error(`Turnpike did not stop within ${stopLimit / 1000} s; its log: ${log}`);
    }
  }
  const said = readFileSync(log, "utf8");
  if (endedEarly) {
    throw new Error(`Turnpike ended during the tests; its log:\n${said}`);
  }
  const panics = said.split("\n").filter((line) => line.includes("panicked"));
  if (panics.length > 0) {
    throw new Error(`Turnpike panicked; its log: ${log}\n${panics.join("\n")}`);
  }
  rmSync(folder, { recursive: true, force: true });
}

/** A port that nobody listens on, below those that the system hands to clients of a connection. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    const probe = createServer().listen(port, "127.0.0.1");
    // It fails with the error that comes in place of what it waits for.
    const free = await once(probe, "listening").then(() => true, () => false);
    await new Promise((closed) => probe.close(closed));
    if (free) return port;
  }
}
