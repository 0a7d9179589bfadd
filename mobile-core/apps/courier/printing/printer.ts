import { pieces } from "./raster";

/**
 * A thermal printer over Bluetooth. There is no standard for them: each maker has a service of its
 * own with one characteristic to write to, and few say in advance that they have it.
 */
const SERVICES: readonly (number | string)[] = [
  0x18f0,
  0xff00,
  0xffe0,
  0xfff0,
  0xae30,
  "e7810a71-73ae-499d-8c15-faa9aef0c3f2",
  "49535343-fe7d-4ae5-8fa9-9fafd205e455",
];
/** What nearly every link takes at once, and what every link must take. */
const PIECE_BYTES = 180;
const PIECE_BYTES_MIN = 20;
/** A printer is slower than the link: it gets a pause now and then to print what it has. */
const PAUSE_BYTES = 2048;
const PAUSE_MS = 60;
/** A printer that is off or out of reach is not waited for longer. */
const CONNECT_MS_MAX = 15_000;

export type PrintProblem = "none" | "off" | "unchosen" | "unreachable" | "unsuitable" | "lost";

/** Why nothing, or not everything, was printed. */
export class PrintError extends Error {
  constructor(
    readonly why: PrintProblem,
    cause?: unknown,
  ) {
    super(why, { cause });
  }
}

// What of Web Bluetooth is used here; TypeScript's own library does not have it.
interface Characteristic {
  readonly properties: { readonly write: boolean; readonly writeWithoutResponse: boolean };
  writeValueWithResponse(bytes: Uint8Array): Promise<void>;
  writeValueWithoutResponse(bytes: Uint8Array): Promise<void>;
}
interface Service {
  getCharacteristics(): Promise<Characteristic[]>;
}
interface Server {
  readonly connected: boolean;
  connect(): Promise<Server>;
  disconnect(): void;
  getPrimaryServices(): Promise<Service[]>;
}
interface Device {
  readonly gatt?: Server;
}
interface Bluetooth {
  getAvailability(): Promise<boolean>;
  requestDevice(options: object): Promise<Device>;
}

function bluetooth(): Bluetooth | undefined {
  return (navigator as { bluetooth?: Bluetooth }).bluetooth;
}

/** The one that was chosen last: the next slip goes there without a question. */
let chosen: Device | undefined;

async function choose(): Promise<Device> {
  const radio = bluetooth();
  if (!radio) throw new PrintError("none");
  if (!(await radio.getAvailability())) throw new PrintError("off");
  try {
    return await radio.requestDevice({ acceptAllDevices: true, optionalServices: SERVICES });
  } catch (error) {
    const name = (error as Error).name;
    throw new PrintError(name === "NotFoundError" ? "unchosen" : "none", error);
  }
}

function within<T>(work: Promise<T>, ms: number): Promise<T> {
  return new Promise((done, fail) => {
    const timer = setTimeout(() => fail(new Error("no answer")), ms);
    work.then(done, fail).finally(() => clearTimeout(timer));
  });
}

async function writable(server: Server): Promise<Characteristic> {
  const services = await server.getPrimaryServices().catch((error: unknown) => {
    throw new PrintError(server.connected ? "unsuitable" : "lost", error);
  });
  for (const service of services) {
    const all = await service.getCharacteristics().catch(() => []);
    const found =
      all.find((one) => one.properties.writeWithoutResponse) ??
      all.find((one) => one.properties.write);
    if (found) return found;
  }
  throw new PrintError("unsuitable");
}

async function send(to: Characteristic, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const write = (piece: Uint8Array) =>
    to.properties.writeWithoutResponse
      ? to.writeValueWithoutResponse(piece)
      : to.writeValueWithResponse(piece);
  let size = PIECE_BYTES;
  let rest = bytes;
  // The first piece tells whether the link takes one of this size.
  try {
    await write(rest.subarray(0, size));
    rest = rest.subarray(size);
  } catch {
    size = PIECE_BYTES_MIN;
  }
  let since = 0;
  for (const piece of pieces(rest, size)) {
    await write(piece);
    since += piece.length;
    if (since < PAUSE_BYTES) continue;
    since = 0;
    await new Promise((done) => setTimeout(done, PAUSE_MS));
  }
}

/** @param another asks for a printer also when one was chosen before. Rejects with PrintError. */
export async function print(bytes: Uint8Array<ArrayBuffer>, another: boolean): Promise<void> {
  if (another || !chosen) chosen = await choose();
  const gatt = chosen.gatt;
  if (!gatt) throw new PrintError("unsuitable");
  let server: Server;
  try {
    server = await within(gatt.connect(), CONNECT_MS_MAX);
  } catch (error) {
    gatt.disconnect();
    throw new PrintError("unreachable", error);
  }
  try {
    await send(await writable(server), bytes);
  } catch (error) {
    if (error instanceof PrintError) throw error;
    throw new PrintError("lost", error);
  } finally {
    // A printer talks to one phone at a time: the next courier's must be able to reach it.
    server.disconnect();
  }
}
