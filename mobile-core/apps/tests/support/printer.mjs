// A receipt printer over Bluetooth that Chromium plays: the app goes the whole way through the
// browser's Bluetooth to a peripheral, whose answers and faults are the test's.
const ADDRESS = "02:58:00:00:00:01";
const SERVICE = "000018f0-0000-1000-8000-00805f9b34fb";
const CHARACTERISTIC = "00002af1-0000-1000-8000-00805f9b34fb";
/** Of the Bluetooth standard: connection failed to be established. */
const FAILED = 0x3e;

export class Printer {
  #browser;
  #session;
  #offered = "printer";
  #answers = true;
  #breaksAfter = Infinity;
  #got = [];
  #size = 0;
  #characteristic;
  longest = 0;

  static async start(browser) {
    const printer = new Printer();
    printer.#browser = browser;
    const session = await browser.session();
    printer.#session = session;
    await session.send("BluetoothEmulation.enable", { state: "powered-on", leSupported: true });
    await session.send("BluetoothEmulation.simulatePreconnectedPeripheral", {
      address: ADDRESS,
      name: "58 mm",
      manufacturerData: [],
      knownServiceUuids: [SERVICE],
    });
    session.on("BluetoothEmulation.gattOperationReceived", (one) => printer.#gatt(one));
    session.on("BluetoothEmulation.characteristicOperationReceived", (one) => printer.#write(one));
    const page = await browser.page.context().newCDPSession(browser.page);
    await page.send("DeviceAccess.enable");
    // Told again with each device that is found: the person has answered by then.
    const answered = new Set();
    page.on("DeviceAccess.deviceRequestPrompted", ({ id, devices }) => {
      const device = devices[0];
      if (answered.has(id) || (printer.#offered === "printer" && !device)) return;
      answered.add(id);
      if (printer.#offered === "nothing") void page.send("DeviceAccess.cancelPrompt", { id });
      else void page.send("DeviceAccess.selectPrompt", { id, deviceId: device.id });
    });
    return printer;
  }

  /** @param state of the phone's Bluetooth: "powered-on", "absent" */
  radio(state) {
    return this.#session.send("BluetoothEmulation.setSimulatedCentralState", { state });
  }
  /** What the person chooses when asked: "printer", "nothing". */
  offer(what) {
    this.#offered = what;
  }
  /** Whether it is near enough to be reached. */
  answers(does) {
    this.#answers = does;
  }
  /** After so many bytes of a slip the link breaks. */
  breaksAfter(bytes) {
    this.#breaksAfter = bytes;
  }

  async #gatt({ address, type }) {
    if (type === "connection") {
      this.#got = [];
      this.#size = 0;
    }
    const code = type === "connection" && !this.#answers ? FAILED : 0;
    if (type === "discovery" && !this.#characteristic) {
      const { serviceId } = await this.#session.send("BluetoothEmulation.addService", {
        address,
        serviceUuid: SERVICE,
      });
      const made = await this.#session.send("BluetoothEmulation.addCharacteristic", {
        serviceId,
        characteristicUuid: CHARACTERISTIC,
        properties: { writeWithoutResponse: true },
      });
      this.#characteristic = made.characteristicId;
    }
    await this.#session.send("BluetoothEmulation.simulateGATTOperationResponse", {
      address,
      type,
      code,
    });
  }

  async #write({ characteristicId, type, data }) {
    const bytes = Buffer.from(data ?? "", "base64");
    this.#got.push(bytes);
    this.#size += bytes.length;
    this.longest = Math.max(this.longest, bytes.length);
    if (this.#size > this.#breaksAfter) {
      await this.#session.send("BluetoothEmulation.simulateGATTDisconnection", {
        address: ADDRESS,
      });
      // What a peripheral has goes with its connection; it is the same after the next one.
      this.#characteristic = undefined;
      return;
    }
    await this.#session.send("BluetoothEmulation.simulateCharacteristicOperationResponse", {
      characteristicId,
      type,
      code: 0,
    });
  }

  /** What came out since the last connection, as a picture of four bytes a dot. */
  paper() {
    const bytes = Buffer.concat(this.#got);
    const rows = [];
    let width = 0;
    let at = 0;
    while (at < bytes.length) {
      if (bytes[at] === 0x1b && bytes[at + 1] === 0x40) at += 2;
      else if (bytes[at] === 0x1b && bytes[at + 1] === 0x4a) at += 3;
      else if (bytes[at] === 0x1d && bytes[at + 1] === 0x76 && bytes[at + 2] === 0x30) {
        const across = bytes.readUInt16LE(at + 4);
        const count = bytes.readUInt16LE(at + 6);
        at += 8;
        width = across * 8;
        for (let row = 0; row < count; row++, at += across) {
          rows.push(bytes.subarray(at, at + across));
        }
      } else throw new Error(`the printer does not know ${bytes[at]} ${bytes[at + 1]} at ${at}`);
    }
    const data = new Uint8ClampedArray(width * rows.length * 4).fill(255);
    rows.forEach((row, y) => {
      for (let x = 0; x < width; x++) {
        if (!(row[x >> 3] & (0x80 >> (x & 7)))) continue;
        data.fill(0, (y * width + x) * 4, (y * width + x) * 4 + 3);
      }
    });
    return { width, height: rows.length, data, colorSpace: "srgb" };
  }

  /** The paper as a picture file, to be looked at. */
  async photograph(path) {
    const { width, height, data } = this.paper();
    const other = await this.#browser.page.context().newPage();
    await other.setViewportSize({ width: width + 32, height: height + 32 });
    await other.setContent('<body style="margin:16px;background:#ccc"><canvas></canvas>');
    await other.evaluate(
      ({ width, height, data }) => {
        const canvas = document.querySelector("canvas");
        canvas.width = width;
        canvas.height = height;
        const bytes = Uint8ClampedArray.from(atob(data), (letter) => letter.charCodeAt(0));
        canvas.getContext("2d").putImageData(new ImageData(bytes, width, height), 0, 0);
      },
      { width, height, data: Buffer.from(data.buffer).toString("base64") },
    );
    await other.screenshot({ path });
    await other.close();
  }
}
