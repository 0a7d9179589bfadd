// A real server with a folder of its own, and the command line for everybody but the courier.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

const PIN = "482915";
const MESSAGES_MS_MAX = 10_000;
export const UNIT = "H42.101";

export class Registry {
  #folder = mkdtempSync(join(tmpdir(), "tannha-registry-"));
  #child;
  #bin;
  #apps;
  port = 0;

  constructor({ bin, apps }) {
    this.#bin = bin;
    this.#apps = apps;
  }

  get folder() {
    return this.#folder;
  }

  get server() {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The command line; its PIN is the same for every device. @return what it printed */
  run(...args) {
    return this.#both(args).stdout;
  }

  #both(args) {
    const ran = spawnSync(join(this.#bin, "tannha"), args, {
      cwd: this.#folder,
      encoding: "utf8",
      env: { ...process.env, TANNHA_PIN: PIN },
      maxBuffer: 64 << 20,
    });
    if (ran.error) throw ran.error;
    if (ran.status !== 0) throw new Error(`tannha ${args.join(" ")}: ${ran.stderr.slice(-500)}`);
    return ran;
  }

  /** @param apps served from now on @param catalogue a file of procedures, or the built-in one */
  async start({ apps = this.#apps, catalogue = "curated" } = {}) {
    if (this.port === 0) this.run("catalogue", "import", catalogue, "--data", "srv");
    this.#child = spawn(
      join(this.#bin, "tannhad"),
      [
        "--data",
        "srv",
        "--tenant",
        "H42",
        "--tenant-name",
        "Ninh Bình",
        "--port",
        String(this.port),
        "--apps",
        apps,
        "--messages",
        "messages",
      ],
      { cwd: this.#folder, stdio: ["ignore", "pipe", "pipe"] },
    );
    this.port = await new Promise((done, fail) => {
      let heard = "";
      const hear = (bytes) => {
        heard += bytes;
        const match = /listens on http:\/\/127\.0\.0\.1:(\d+)/.exec(heard);
        if (match) done(Number(match[1]));
      };
      this.#child.stdout.on("data", hear);
      this.#child.stderr.on("data", hear);
      this.#child.once("exit", () => fail(new Error("tannhad ended: " + heard)));
    });
  }

  async stop() {
    // Nobody tells a second time that it has ended.
    if (!this.#child || this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise((done) => this.#child.once("exit", done));
    this.#child.kill("SIGTERM");
    await ended;
  }

  /** @return a link for one device and the person it is for */
  ticket(role, label) {
    const made = this.#both([
      "ticket",
      "--data",
      "srv",
      "--server",
      this.server,
      "--role",
      role,
      "--unit",
      UNIT,
      "--label",
      label,
    ]);
    return { link: made.stdout.trim(), actor: /actor ([0-9a-f-]{36})/.exec(made.stderr)[1] };
  }

  /** A device in the terminal, in a folder named after its role. */
  enrol(role, label) {
    this.run("enrol", "--data", role, this.ticket(role, label).link);
  }

  /**
   * What was put down for the program that sends text messages, oldest first, once there is so
   * much: it is put down after the server has answered.
   */
  async messages(count) {
    const folder = join(this.#folder, "messages");
    const until = Date.now() + MESSAGES_MS_MAX;
    for (;;) {
      const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
      if (names.length >= count) {
        return names
          .map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")))
          .sort((a, b) => a.expires_ms - b.expires_ms);
      }
      if (Date.now() > until) throw new Error("no text message was put down");
      await wait(20);
    }
  }

  /** A file in the folder of the devices. @return its name there */
  write(name, text) {
    writeFileSync(join(this.#folder, name), text);
    return name;
  }

  remove() {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
