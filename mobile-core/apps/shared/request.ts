import type { Answer, EventName, Events, RequestName, Requests } from "../../web/api";
import { ask, onEvent } from "./core";

type Fields<N extends RequestName> = Requests[N]["request"];

/** Asks the core; a request without fields is its name alone. */
export function request<N extends RequestName>(
  name: N,
  ...fields: {} extends Fields<N> ? [Fields<N>?] : [Fields<N>]
): Promise<Answer<N>> {
  return ask(name, (fields[0] ?? {}) as Fields<N>);
}

/** @return a function that ends it */
export function onCore<N extends EventName>(
  name: N,
  listener: (event: Events[N]) => void,
): () => void {
  return onEvent((event) => {
    if (event["@type"] === name) listener(event as unknown as Events[N]);
  });
}
