// News from the server as they happen: a WebSocket on which whatever comes means that there is
// something to synchronise. Without it nothing is lost; it is only later.

import type { JsonObject } from "./messages";

export class Live {
  #socket: WebSocket | null = null;

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
    };
    // The next synchronisation opens another one.
    socket.onclose = () => {
      if (this.#socket === socket) this.#socket = null;
    };
  }

  close(): void {
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }
}
