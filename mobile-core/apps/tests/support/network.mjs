// The way from a phone to the server: it may be slow, or break in the middle of what is sent.
import { connect, createServer } from "node:net";

export class Network {
  #server = createServer((phone) => this.#join(phone));
  #sockets = new Set();
  #to;
  #left;
  #cut = () => undefined;
  /** Of one connection; no limit when there is none. */
  bytesASecond;

  /** @param to gives the server's port, which nobody may listen at */
  constructor(to) {
    this.#to = to;
  }

  async start() {
    await new Promise((done) => this.#server.listen(0, "127.0.0.1", done));
  }

  get address() {
    return `http://127.0.0.1:${this.#server.address().port}`;
  }

  /** Every connection breaks when so many bytes more were sent up. @return when that was */
  cutAfter(bytes) {
    this.#left = bytes;
    return new Promise((done) => (this.#cut = done));
  }

  async end() {
    this.#server.close();
    this.#break();
  }

  #break() {
    for (const socket of this.#sockets) socket.destroy();
  }

  #join(phone) {
    const server = connect(this.#to(), "127.0.0.1");
    for (const [socket, other] of [
      [phone, server],
      [server, phone],
    ]) {
      this.#sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
      socket.on("data", (bytes) => this.#pass(socket, other, bytes, socket === phone));
    }
  }

  #pass(from, to, bytes, isUp) {
    if (isUp && this.#left !== undefined) {
      this.#left -= bytes.length;
      if (this.#left <= 0) {
        this.#left = undefined;
        this.#break();
        this.#cut();
        return;
      }
    }
    to.write(bytes);
    if (this.bytesASecond === undefined) return;
    from.pause();
    setTimeout(() => from.resume(), (1000 * bytes.length) / this.bytesASecond);
  }
}
