import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

const run = promisify(execFile);
const startLimit = 30_000;
const stopLimit = 15_000;

/**
 * Starts the release build before the tests and stops it after them. The tests find it by
 * `baseURL`, and by these variables: `TURNPIKE_URL`, `TURNPIKE_LOG_FILE` (the file with everything
 * that the server printed, the setup code included) and `TURNPIKE_BINARY`.
 */
export default async function startServer(): Promise<() => Promise<void>> {
  const { url, log, stop } = await startTurnpike();
  process.env.TURNPIKE_URL = url;
  process.env.TURNPIKE_LOG_FILE = log;
  process.env.TURNPIKE_BINARY = binary();
  return stop;
}

/** The release build at work. */
export interface Turnpike {
  url: string;
  /** The file with everything that it printed. */
  log: string;
  /** How its owner signs in, where the demo made one. */
  email: string;
  password: string;
  /** Ends it, and fails if it had panicked. */
  stop(): Promise<void>;
}

/** Starts a release build of its own from an empty data directory, or from one that the demo filled. */
export async function startTurnpike(from: { demo?: { keys: number; calls: number } } = {}): Promise<Turnpike> {
  const program = binary();
  if (!existsSync(program)) {
    throw new Error(`${program} is missing: run \`cargo xtask build --release\``);
  }
  const folder = mkdtempSync(join(tmpdir(), "turnpike-end2end-"));
  const [log, dataDir] = [join(folder, "log"), join(folder, "data")];
  let signIn = { email: "", password: "" };
  if (from.demo !== undefined) {
    const size = ["--keys", String(from.demo.keys), "--calls", String(from.demo.calls)];
    const { stdout } = await run(program, ["demo", "--data-dir", dataDir, ...size], { cwd: folder });
    const said = /sign in as (\S+) with the password (\S+)/.exec(stdout);
    signIn = { email: said?.[1] ?? "", password: said?.[2] ?? "" };
  }
  const address = `127.0.0.1:${await freePort()}`;
  const output = openSync(log, "a");
  const server = spawn(program, ["serve", "--listen", address, "--data-dir", dataDir], {
    cwd: resolve(".."),
    stdio: ["ignore", output, output],
    // The provider that the tests connect is on this machine.
    env: { ...process.env, TURNPIKE_PRIVATE_UPSTREAMS: "true" },
  });
  closeSync(output);
  await untilReady(server, address, log);
  return { url: `http://${address}`, log, ...signIn, stop: () => stopServer(server, folder, log) };
}

const binary = () => process.env.TURNPIKE_BINARY ?? resolve("../target/release/turnpike");

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
