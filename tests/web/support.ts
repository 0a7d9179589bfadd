// A real server, and a real browser that can be killed, for the tests.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, request as http_request, type Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import type { Browser, BrowserType, Page } from "playwright-core";

const root = process.cwd();
// The packages are the apps' own.
const { chromium } = createRequire(join(root, "mobile-core/package.json"))("playwright-core") as
  { chromium: BrowserType };
const bin = join(root, "build/release/bin");
const places = [join(root, "build/web-test/site"), join(root, "build/wasm")];
const types: Record<string, string> = {
  ".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm",
};

export const unit = "H42.101";

/** Calls `look` until it returns something, or throws after a while. */
export async function until<T>(what: string, look: () => T | undefined | Promise<T | undefined>) {
  const wait_ms_max = 30_000;
  for (const end = Date.now() + wait_ms_max; Date.now() < end;) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`waited too long: ${what}`);
}

/** tannhad with the built-in catalogue, and before it the site with its pages, on one address. */
export class World {
  readonly folder = mkdtempSync(join(tmpdir(), "tannha-web-"));
  readonly #server: Server;
  readonly #tannhad: ChildProcess;
  #registry = "";
  /** Of tannhad; whatever asked it. */
  readonly asked: string[] = [];
  /** Nobody reaches tannhad. */
  cut = false;

  static async make(): Promise<World> {
    const world = new World();
    world.#registry = await world.#address_of_tannhad();
    await new Promise<void>((resolve) => world.#server.listen(0, "127.0.0.1", resolve));
    return world;
  }

  private constructor() {
    const data = join(this.folder, "server");
    execFileSync(join(bin, "tannha"), ["catalogue", "import", "curated", "--data", data]);
    this.#tannhad = spawn(join(bin, "tannhad"),
      ["--data", data, "--tenant", "H42", "--tenant-name", "Ninh Bình", "--port", "0"],
      { stdio: ["ignore", "pipe", "ignore"] });
    this.#server = createServer((incoming, outgoing) => {
      const path = new URL(incoming.url ?? "/", "http://localhost").pathname;
      if (!path.startsWith("/v1/")) {
        const name = path === "/" ? "index.html" : path.slice(1);
        const file = places.map((place) => join(place, name)).find((at) => existsSync(at));
        outgoing.writeHead(file ? 200 : 404, { "Content-Type": types[extname(name)] ?? "" });
        outgoing.end(file ? readFileSync(file) : "");
        return;
      }
      this.asked.push(path);
      if (this.cut) return void incoming.socket.destroy();
      const passed = http_request(this.#registry + path,
        { method: incoming.method, headers: incoming.headers }, (answer) => {
          outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(outgoing);
        });
      passed.on("error", () => outgoing.destroy());
      incoming.pipe(passed);
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** A new courier's link. Not synchronous: the command asks this process. */
  async ticket(): Promise<string> {
    const made = spawn(join(bin, "tannha"),
      ["ticket", "--data", join(this.folder, "server"), "--server", this.url, "--role", "courier",
        "--unit", unit, "--label", "phone"], { stdio: ["ignore", "pipe", "ignore"] });
    let text = "";
    for await (const piece of made.stdout) text += String(piece);
    return text.trim();
  }

  async close(): Promise<void> {
    this.#tannhad.kill();
    this.#server.closeAllConnections();
    this.#server.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #address_of_tannhad(): Promise<string> {
    return new Promise((resolve, reject) => {
      let text = "";
      this.#tannhad.stdout?.on("data", (piece) => {
        text += String(piece);
        const found = /http:\/\/[\w.:]+\s/.exec(text);
        if (found) resolve(found[0].trim());
      });
      this.#tannhad.once("exit", (code) => reject(new Error(`tannhad ended with ${code}`)));
    });
  }
}

/** Chromium with a profile that outlives it. */
export class Chromium {
  readonly #profile: string;
  #process: ChildProcess | null = null;
  #browser: Browser | null = null;

  constructor(folder: string) {
    this.#profile = mkdtempSync(join(folder, "browser-"));
  }

  async start(): Promise<void> {
    const port_file = join(this.#profile, "DevToolsActivePort");
    rmSync(port_file, { force: true });
    this.#process = spawn("/usr/bin/chromium", ["--headless", "--no-sandbox", "--disable-gpu",
      "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync",
      "--disable-component-update", "--disable-dev-shm-usage", "--remote-debugging-port=0",
      `--user-data-dir=${this.#profile}`, "about:blank"], { detached: true, stdio: "ignore" });
    const port = await until("the browser", () => {
      const line = existsSync(port_file) ? readFileSync(port_file, "utf8").split("\n")[0] : "";
      return line ? line : undefined;
    });
    this.#browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`);
  }

  async open(url: string): Promise<Page> {
    const context = this.#browser?.contexts()[0];
    if (!context) throw new Error("not started");
    const page = await context.newPage();
    await page.goto(url);
    return page;
  }

  /** At once and with everything that belongs to it, as when a phone's system ends an app. */
  async kill(): Promise<void> {
    const { pid } = this.#process ?? {};
    if (pid === undefined) return;
    const ended = new Promise((resolve) => this.#process?.once("exit", resolve));
    process.kill(-pid, "SIGKILL");
    await ended;
    this.#process = null;
    await this.#browser?.close().catch(() => undefined);
  }
}
