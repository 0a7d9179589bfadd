// A browser that a test owns: its process can be killed as the system kills an app.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { blurred, codePicture, pagePicture, writeFilm } from "./film.mjs";

const START_MS_MAX = 20_000;
/** A machine with much else to do; whoever waits, waits for a state. */
const STEP_MS_MAX = 30_000;
export const PIN = "482915";

const here = dirname(fileURLToPath(import.meta.url));

/** For LD_PRELOAD: the system's own switch for another clock is for all of it. */
function clockLibrary(folder) {
  const library = join(folder, "clock.so");
  execFileSync("cc", ["-O2", "-shared", "-fPIC", join(here, "clock.c"), "-o", library]);
  return library;
}

export class Browser {
  #child;
  #profile = mkdtempSync(join(tmpdir(), "tannha-browser-"));
  #camera = join(this.#profile, "camera.y4m");
  #clock;
  #connection;
  /** The size of what the camera sees; a browser that runs goes on with the size it knows. */
  view = { width: 1280, height: 720 };
  /** How wrong the phone's clock is from the next start on. */
  clockWrongS = 0;
  /** What Chromium is told beside the usual, from the next start on. */
  switches = [];
  /** Whether whoever asks for the camera is given it. */
  cameraAllowed = true;
  /** Watches each page; see witness.mjs. */
  witness;
  page;

  /** What the camera sees whenever a page opens it from now on: these codes in turn. */
  show(...texts) {
    const codes = texts.map((text) => codePicture(text, this.view));
    writeFilm(this.#camera, codes, this.view);
  }

  /** Pages of paper in turn, by number; blurred: over so many dots. */
  showPages(numbers, blur = 0) {
    const pages = numbers.map((number) => pagePicture(number, this.view));
    const seen = blur > 0 ? pages.map((page) => blurred(page, this.view, blur)) : pages;
    writeFilm(this.#camera, seen, this.view);
  }

  /** Ends what a page sees, and no page opens the camera until there is something to see again. */
  loseCamera() {
    truncateSync(this.#camera);
  }

  /** Where the film for the camera is; it is read anew whenever a page opens the camera. */
  get camera() {
    return this.#camera;
  }

  /** The browser itself, in Chromium's own words. */
  session() {
    return this.#connection.newBrowserCDPSession();
  }

  async start(address) {
    rmSync(join(this.#profile, "DevToolsActivePort"), { force: true });
    this.#child = spawn(
      "chromium",
      [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--remote-debugging-port=0",
        `--user-data-dir=${this.#profile}`,
        "--use-fake-device-for-media-stream",
        ...(this.cameraAllowed ? ["--use-fake-ui-for-media-stream"] : []),
        `--use-file-for-fake-video-capture=${this.#camera}`,
        "--window-size=360,740",
        ...this.switches,
        "about:blank",
      ],
      { stdio: "ignore", detached: true, env: this.#environment() },
    );
    const until = Date.now() + START_MS_MAX;
    let port;
    while (port === undefined) {
      if (Date.now() > until) throw new Error("chromium did not start");
      try {
        // The file is there a moment before its content.
        const told = readFileSync(join(this.#profile, "DevToolsActivePort"), "utf8");
        port = told.split("\n")[0] || undefined;
      } catch {
        await wait(50);
      }
    }
    this.#connection = await chromium.connectOverCDP(`http://127.0.0.1:${port}`);
    const context = this.#connection.contexts()[0];
    await this.witness?.watch(context);
    this.faults = [];
    this.page = await this.#prepare(context.pages()[0]);
    await this.page.goto(address);
  }

  /** Another tab. */
  async open(address) {
    const page = await this.#prepare(await this.page.context().newPage());
    await page.goto(address);
    return page;
  }

  async #prepare(page) {
    await page.setViewportSize({ width: 360, height: 740 });
    const session = await page.context().newCDPSession(page);
    await session.send("Emulation.setScrollbarsHidden", { hidden: true });
    page.setDefaultTimeout(STEP_MS_MAX);
    page.on("pageerror", (error) => this.faults.push(error.message));
    return page;
  }

  #environment() {
    if (this.clockWrongS === 0) return process.env;
    this.#clock ??= clockLibrary(this.#profile);
    return { ...process.env, LD_PRELOAD: this.#clock, SHIFT_S: String(this.clockWrongS) };
  }

  /** This origin may store so much more than it has now. @return how to make room again */
  async limitRoom(origin, bytes) {
    const session = await this.page.context().newCDPSession(this.page);
    const { usage } = await session.send("Storage.getUsageAndQuota", { origin });
    const quotaSize = usage + bytes;
    await session.send("Storage.overrideQuotaForOrigin", { origin, quotaSize });
    return { make: () => session.send("Storage.overrideQuotaForOrigin", { origin }) };
  }

  /** Milliseconds that threads of this name were at work since they began, however many waited. */
  workedMs(thread) {
    let ns = 0;
    for (const id of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      try {
        // Behind the name in brackets: the state, the parent, the group.
        const group = readFileSync(`/proc/${id}/stat`, "utf8").split(") ").at(-1).split(" ")[2];
        if (Number(group) !== this.#child.pid) continue;
        for (const task of readdirSync(`/proc/${id}/task`)) {
          const at = `/proc/${id}/task/${task}`;
          // The system keeps fifteen characters of a name.
          if (readFileSync(`${at}/comm`, "utf8").trim() !== thread.slice(0, 15)) continue;
          ns += Number(readFileSync(`${at}/schedstat`, "utf8").split(" ")[0]);
        }
      } catch (error) {
        // It has just ended.
        if (error.code !== "ENOENT" && error.code !== "ESRCH") throw error;
      }
    }
    return ns / 1e6;
  }

  async enterPin(pin = PIN) {
    for (const digit of pin) {
      await this.page.locator(".digits").getByText(digit, { exact: true }).click();
    }
  }

  async unlock() {
    const asked = this.page.getByRole("heading", { level: 1, name: "Nhập mã PIN" });
    await asked.waitFor();
    await this.enterPin();
    await this.page.getByRole("button", { name: "Mở khóa" }).click();
    await asked.waitFor({ state: "hidden" });
  }

  /** From the first start to the round. */
  async enrol(link) {
    const next = (name) => this.page.getByRole("button", { name }).last().click();
    await next("Bắt đầu");
    for (const heading of ["Đặt mã PIN", "Nhập lại mã PIN"]) {
      await this.page.getByRole("heading", { level: 1, name: heading }).waitFor();
      await this.enterPin();
      await next("Tiếp tục");
    }
    await this.page.getByLabel("Đường dẫn đăng ký").fill(link);
    await next("Đăng ký");
    await this.page.getByRole("heading", { level: 1, name: "Hôm nay" }).waitFor();
  }

  /** As the system does it: everything at once, nothing is told. */
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
