import { execFile, spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const python = resolve("../target/python/bin/python");

/** Whether the official Python client is installed; on the build server it must be. */
export const hasPython = existsSync(python) || Boolean(process.env.CI);

/** Runs an example exactly as someone would paste it, and answers what it printed. */
export async function paste(language: "curl" | "Python" | "JavaScript", code: string): Promise<string> {
  if (language === "curl") return (await run("bash", ["-c", code.replace(/^curl /, "curl -s ")])).stdout;
  if (language === "Python") return (await run(python, ["-c", code])).stdout;
  // Beside node_modules, so that the import finds the client.
  const file = resolve("test-results", `pasted-${Date.now()}.mjs`);
  writeFileSync(file, code);
  return (await run("node", [file])).stdout;
}

/** The Sandbox alone, as a provider that a connection can be made to, and its base URL. */
export async function startProvider(): Promise<{ provider: ChildProcess; url: string }> {
  const binary = process.env.TURNPIKE_BINARY ?? resolve("../target/release/turnpike");
  const folder = mkdtempSync(join(tmpdir(), "turnpike-provider-"));
  const provider = spawn(binary, ["sandbox", "--listen", "127.0.0.1:0"], { cwd: folder, stdio: ["ignore", "pipe", "inherit"] });
  const url = await new Promise<string>((ready, failed) => {
    let said = "";
    provider.stdout?.on("data", (more: Buffer) => {
      said += more.toString();
      const url = /http:\S+/.exec(said)?.[0];
      if (url !== undefined && said.endsWith("\n")) ready(url);
    });
    provider.once("exit", (code) => failed(new Error(`the provider ended with ${code}`)));
  });
  return { provider, url };
}
