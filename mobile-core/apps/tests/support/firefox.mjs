// Firefox as Debian has it, which a test owns and can kill.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import puppeteer from "puppeteer-core";

const START_MS_MAX = 60_000;
const STEP_MS_MAX = 30_000;

export class Firefox {
  #child;
  #profile = mkdtempSync(join(tmpdir(), "tannha-firefox-"));
  #connection;
  page;

  constructor() {
    // Nothing is fetched from elsewhere, and no picture of a page is made by loading it once more.
    const settings = {
      "app.update.auto": false,
      "browser.newtabpage.enabled": false,
      "browser.pagethumbnails.capturing_disabled": true,
      "browser.shell.checkDefaultBrowser": false,
      "datareporting.policy.dataSubmissionEnabled": false,
      "network.captive-portal-service.enabled": false,
      "network.connectivity-service.enabled": false,
      "remote.prefs.recommended": true,
      "services.settings.server": "data:,",
    };
    const lines = Object.entries(settings).map(
      ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`,
    );
    writeFileSync(join(this.#profile, "user.js"), lines.join(""));
  }

  async start(address) {
    const told = join(this.#profile, "WebDriverBiDiServer.json");
    rmSync(told, { force: true });
    this.#child = spawn(
      "firefox-esr",
      ["--headless", "--no-remote", "--remote-debugging-port=0", "--profile", this.#profile],
      { stdio: "ignore", detached: true },
    );
    const until = Date.now() + START_MS_MAX;
    let server;
    while (server === undefined) {
      if (Date.now() > until) throw new Error("firefox did not start");
      try {
        const { ws_host: host, ws_port: port } = JSON.parse(readFileSync(told, "utf8"));
        server = `ws://${host}:${port}/session`;
      } catch {
        await wait(50);
      }
    }
    this.#connection = await puppeteer.connect({
      browserWSEndpoint: server,
      protocol: "webDriverBiDi",
      defaultViewport: { width: 360, height: 740 },
    });
    this.page = (await this.#connection.pages())[0] ?? (await this.#connection.newPage());
    this.page.setDefaultTimeout(STEP_MS_MAX);
    await this.page.goto(address);
  }

  async kill() {
    const child = this.#child;
    if (!child) return;
    const gone = () => child.exitCode !== null || child.signalCode !== null;
    if (!gone()) process.kill(-child.pid, "SIGKILL");
    while (!gone()) await wait(20);
  }

  async end() {
    await this.kill();
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
