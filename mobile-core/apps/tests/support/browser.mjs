// A browser that a test owns: its process can be killed as the system kills an app.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { chromium } from "playwright-core";
import { encode } from "uqr";

const START_MS_MAX = 20_000;
export const PIN = "482915";

/** One picture of a code as a camera sees it: luminance, then nothing of colour. */
function picture(text, width, height) {
  const code = encode(text, { ecc: "M", border: 4 });
  const scale = Math.floor(height / code.size);
  const luma = Buffer.alloc(width * height, 200);
  const left = Math.floor((width - code.size * scale) / 2);
  const top = Math.floor((height - code.size * scale) / 2);
  for (let y = 0; y < code.size * scale; y++) {
    for (let x = 0; x < code.size * scale; x++) {
      const dark = code.data[Math.floor(y / scale)][Math.floor(x / scale)];
      luma[(top + y) * width + left + x] = dark ? 20 : 235;
    }
  }
  return Buffer.concat([Buffer.from("FRAME\n"), luma, Buffer.alloc((width * height) / 2, 128)]);
}

/** A film of codes for the camera, as Y4M, that begins again at its end. */
function film(texts, path, { width = 1280, height = 720 } = {}) {
  const head = Buffer.from(`YUV4MPEG2 W${width} H${height} F5:1 Ip A1:1 C420jpeg\n`);
  const frames = texts.map((text) => picture(text, width, height));
  // One picture alone would be no film.
  if (frames.length === 1) frames.push(frames[0]);
  writeFileSync(path, Buffer.concat([head, ...frames]));
}

export class Browser {
  #child;
  #profile = mkdtempSync(join(tmpdir(), "tannha-browser-"));
  #camera = join(this.#profile, "camera.y4m");
  #connection;
  page;

  /** What the camera sees from the next start on. */
  show(...texts) {
    film(texts, this.#camera);
  }

  /** Where the film for the camera is; it is read anew whenever a page opens the camera. */
  get camera() {
    return this.#camera;
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
        "--use-fake-ui-for-media-stream",
        `--use-file-for-fake-video-capture=${this.#camera}`,
        "--window-size=360,740",
        "about:blank",
      ],
      { stdio: "ignore", detached: true },
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
    this.page = this.#connection.contexts()[0].pages()[0];
    await this.page.setViewportSize({ width: 360, height: 740 });
    const session = await this.page.context().newCDPSession(this.page);
    await session.send("Emulation.setScrollbarsHidden", { hidden: true });
    this.page.setDefaultTimeout(15_000);
    this.faults = [];
    this.page.on("pageerror", (error) => this.faults.push(error.message));
    await this.page.goto(address);
  }

  async enterPin() {
    for (const digit of PIN) {
      await this.page.locator(".digits").getByText(digit, { exact: true }).click();
    }
  }

  async unlock() {
    await this.page.getByRole("heading", { level: 1, name: "Nhập mã PIN" }).waitFor();
    await this.enterPin();
    await this.page.getByRole("button", { name: "Mở khóa" }).click();
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
    const gone = () => child.exitCode !== null || child.signalCode !== null;
    if (!gone()) process.kill(-child.pid, "SIGKILL");
    while (!gone()) await wait(20);
  }

  async end() {
    await this.kill();
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
