// News from the server as they happen: a WebSocket on which whatever comes means that there is
// something to synchronise. Without it nothing is lost; it is only later.

import type { JsonObject } from "./messages";

/** A connection that was lost is made good after a while that doubles, up to this. */
const wait_ms_min = 1_000;
const wait_ms_max = 5 * 60_000;

export class Live {
  #socket: WebSocket | null = null;
  #wait_ms = wait_ms_min;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly on_news: () => void) {}

  get is_open(): boolean {
    return this.#socket !== null;
  }

  /** @param live the core's answer to `live`; nothing happens where it is too early */
  open(live: JsonObject): void {
    const url = String(live["url"]);
    if (this.#socket || url === "") return;
    const hello = Uint8Array.from(atob(String(live["hello"])), (byte) => byte.charCodeAt(0));
    const socket = new WebSocket(url);
    this.#socket = socket;
    let is_welcome = true;
    socket.onopen = () => socket.send(hello);
    socket.onmessage = () => {
      // The first message says that the server knows who this is.
      if (!is_welcome) this.on_news();
      is_welcome = false;
      this.#wait_ms = wait_ms_min;
    };
    // There may have been news meanwhile; what asks for them opens another one. Thousands of phones
    // that were cut off in one moment do not come back in one.
    socket.onclose = () => {
      if (this.#socket !== socket) return;
      this.#socket = null;
      this.#timer = setTimeout(() => this.on_news(), this.#wait_ms * (1 + Math.random()));
      this.#wait_ms = Math.min(2 * this.#wait_ms, wait_ms_max);
    };
  }

  close(): void {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }
}
