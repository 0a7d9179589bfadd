import type { Answer, EventName, Events, RequestName, Requests } from "../../web/api";
import type { JsonObject } from "../../web/client";
import { ask, onEvent } from "./core";

type Fields<N extends RequestName> = Requests[N]["request"];

/** Asks the core, with the types that docs/core-api.md gives to the request and its answer. */
export function request<N extends RequestName>(
  name: N, ...fields: {} extends Fields<N> ? [Fields<N>?] : [Fields<N>]
): Promise<Answer<N>> {
  return ask<Answer<N>>(name, (fields[0] ?? {}) as JsonObject);
}

/** @return a function that ends it */
export function onCore<N extends EventName>(
  name: N, listener: (event: Events[N]) => void,
): () => void {
  return onEvent((event) => {
    if (event["@type"] === name) listener(event as unknown as Events[N]);
  });
}
