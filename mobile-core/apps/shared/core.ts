import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Answer, BlobBegin, Dossier, RecordView, RequestName, Requests, Written } from "../../web/api";
import type { Core, JsonObject, SyncState } from "../../web/client";
import { currentLanguage } from "./i18n";

export type * from "../../web/api";

let opened: Core | undefined;

export function useThisCore(core: Core): void {
  opened = core;
  core.on("event", mayHaveChanged);
  core.on("sync", mayHaveChanged);
}

/** Asks the core. Errors: those of the request, as CoreError of the client. */
export function ask<Name extends RequestName>(
  name: Name,
  fields: Requests[Name]["request"],
): Promise<Answer<Name>> {
  if (!opened) throw new Error("the core is asked before it was opened");
  return opened.call({ "@type": name, ...fields }) as Promise<unknown> as Promise<Answer<Name>>;
}

const askers = new Set<() => void>();
let telling = false;

/** What several say at the same moment is asked about once. */
function mayHaveChanged(): void {
  if (telling) return;
  telling = true;
  setTimeout(() => {
    telling = false;
    for (const again of [...askers]) again();
  });
}

/** Asks for something that may change other answers: they are asked for again. */
export async function act<Name extends RequestName>(
  name: Name,
  fields: Requests[Name]["request"],
): Promise<Answer<Name>> {
  const answer = await ask(name, fields);
  mayHaveChanged();
  return answer;
}

export function addFile(begin: Omit<BlobBegin, "size">, file: Blob): Promise<Written> {
  const whole: JsonObject = { ...begin, size: file.size };
  return opened!.addFile(whole, file) as Promise<unknown> as Promise<Written>;
}

export function readFile(hash: string): Promise<Blob> {
  return opened!.readFile(hash);
}

export function onEvent(listener: (event: JsonObject) => void): () => void {
  return opened!.on("event", listener);
}

export interface Asked<Value> {
  readonly value: Value | undefined;
  readonly error: unknown;
}

/** An answer that is asked for again whenever something may have changed. */
export function useAsked<Value>(
  question: () => Promise<Value>,
  about: readonly unknown[] = [],
): Asked<Value> {
  const [asked, setAsked] = useState<Asked<Value>>({ value: undefined, error: undefined });
  const latest = useRef(question);
  latest.current = question;
  // Not after the next frame: whoever waits for the answer sees nothing in it.
  useLayoutEffect(() => {
    let gone = false;
    let asking = false;
    let again = false;
    const run = async (): Promise<void> => {
      // One question at a time: what changes meanwhile is asked for once more afterwards.
      if (asking) return void (again = true);
      asking = true;
      try {
        const value = await latest.current();
        if (!gone) setAsked({ value, error: undefined });
      } catch (error) {
        if (!gone) setAsked((before) => ({ value: before.value, error }));
      }
      asking = false;
      if (again && !gone) {
        again = false;
        void run();
      }
    };
    setAsked((before) =>
      before.value === undefined ? before : { value: undefined, error: undefined },
    );
    void run();
    const rerun = () => void run();
    askers.add(rerun);
    return () => {
      gone = true;
      askers.delete(rerun);
    };
  }, about);
  return asked;
}

export function useLink(): SyncState {
  const [link, setLink] = useState(opened!.sync);
  useEffect(() => opened!.on("sync", setLink), []);
  return link;
}

/** The sentence of the person's language. */
export function words(of: { readonly vi: string; readonly en: string }): string {
  return currentLanguage() === "vi" ? of.vi : of.en;
}

export const status = () => ask("status", {});

/** The only value of a field; empty when there is none, or when several stand side by side. */
export function only(dossier: Dossier, name: string): string {
  const values = dossier.fields.find((one) => one.field === name)?.values;
  return values?.length === 1 ? values[0]! : "";
}

/** By the registry's clock where it has the record, otherwise as its author claims. */
export function when(record: RecordView): number {
  return record.receivedMs ?? record.claimedMs;
}
