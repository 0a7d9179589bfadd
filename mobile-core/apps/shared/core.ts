import { useEffect, useRef, useState } from "preact/hooks";
import type { Core, JsonObject, SyncState } from "../../web/client";
import { currentLanguage } from "./i18n";

/** What every app knows of the core: the answers of docs/core-api.md, as types. */
export type Stage =
  | "empty" | "requested" | "assigned" | "collecting" | "sealed" | "confirmed" | "handed_over"
  | "accepted" | "needs_supplement" | "supplemented" | "processing" | "refused" | "result_ready"
  | "returned";
export type Custodian = "citizen" | "courier" | "desk" | "disputed";
export type ServiceKind = "send" | "receive_result" | "both";
export type Grade = "countersigned" | "one_time_code" | "courier_statement";
export type MoneyKind = "fee" | "charge" | "postage";
export type AttachmentRole = "page" | "card" | "parcel" | "signature_image" | "result";
export type PostalAnswer = "no" | "yes" | "candidate";

/** The core's Error: what happened and what to do, in both languages. */
export interface ErrorInfo {
  readonly code: number;
  readonly error: string;
  readonly detail: string;
  readonly vi: string;
  readonly en: string;
  readonly transient: boolean;
}
export interface Stock {
  readonly slips: number;
  readonly items: number;
  readonly toSeal: number;
  readonly low: boolean;
}
export interface Me {
  readonly role: "courier" | "officer" | "citizen" | "dispatcher" | "registry";
  readonly unit: string;
  readonly label: string;
  readonly tenant: string;
  readonly tenantName: string;
  readonly certificateUntilMs: number;
}
export interface Status {
  /** False before the first PIN. */
  readonly made: boolean;
  readonly locked: boolean;
  readonly needsPin: boolean;
  readonly me?: Me;
  readonly server: string;
  readonly unsentRecords: number;
  readonly unsentFiles: number;
  readonly unsentBytes: number;
  readonly stock?: Stock;
  readonly syncing: boolean;
  readonly syncedMs?: number;
  readonly nextTryMs?: number;
  readonly syncError?: ErrorInfo;
  readonly serverAheadMs: number;
  readonly procedures: number;
  readonly trouble?: ErrorInfo;
  readonly revoked?: "retired" | "lost" | "compromised";
}

/** Where the records about a dossier are. */
export interface Where {
  readonly here: number;
  readonly received: number;
  readonly accepted: number;
  readonly held: number;
  readonly refused: number;
  readonly filesHere: number;
  readonly why?: ErrorInfo;
}
export interface DossierLine {
  readonly id: string;
  readonly stage: Stage;
  readonly procedure: string;
  readonly procedureName: string;
  readonly unit: string;
  readonly owner: string;
  readonly phone: string;
  readonly address: string;
  readonly visitFromMs?: number;
  readonly visitUntilMs?: number;
  readonly custodian: Custodian;
  readonly sendSlipNo: string;
  readonly itemId: string;
  readonly dossierCode: string;
  readonly dueMs?: number;
  readonly moneyDong: number;
  readonly cashDong: number;
  readonly handovers: number;
  readonly deliveryAttempts: number;
  /** Hash of a hand-over that waits for its receiver. */
  readonly offer?: string;
  readonly where: Where;
}
export interface DocumentCount {
  readonly line: number;
  readonly title: string;
  readonly originals: number;
  readonly certified: number;
  readonly photocopies: number;
}
export interface DocumentLine {
  readonly line: number;
  readonly kind: "to_submit" | "to_present" | "note" | "other";
  readonly case: string;
  readonly title: string;
  readonly originals: number;
  readonly copies: number;
}
export interface Attachment {
  readonly hash: string;
  readonly size: number;
  readonly role: AttachmentRole;
  readonly line: number;
  readonly here: boolean;
}
export interface RecordLine {
  readonly hash: string;
  readonly type: string;
  readonly verdict: "effective" | "provisional" | "held" | "refused";
  readonly why?: ErrorInfo;
  readonly received: boolean;
  readonly own: boolean;
  readonly claimedMs: number;
}
export interface Dossier {
  readonly line: DossierLine;
  readonly service?: ServiceKind;
  readonly fields: readonly { readonly field: string; readonly values: readonly string[] }[];
  readonly documents: readonly DocumentCount[];
  readonly uncounted: readonly DocumentLine[];
  readonly attachments: readonly Attachment[];
  readonly sealed?: string;
  readonly sealNo: string;
  readonly confirmation?: Grade;
  readonly citizenBound: boolean;
  readonly delivered?: string;
  readonly deliveryConfirmed: boolean;
  readonly offerDirection?: "to_desk" | "to_courier";
  readonly supplementItems: readonly string[];
  readonly refusalReason: string;
  readonly records: readonly RecordLine[];
}
export interface Fee {
  readonly amountDong?: number;
  readonly certainty: "stated" | "set_elsewhere" | "not_given";
  readonly text: string;
}
export interface ProcedureLine {
  readonly code: string;
  readonly title: string;
  readonly field: string;
  readonly byPost: PostalAnswer;
}
export interface Procedure {
  readonly line: ProcedureLine;
  readonly resultByPost: PostalAnswer;
  readonly presenceRequired: boolean;
  readonly result: string;
  readonly decision: string;
  readonly times: readonly { readonly text: string }[];
  readonly fee?: Fee;
  readonly documents: readonly DocumentLine[];
}
export interface Written {
  readonly dossier: string;
  readonly record: string;
}

let opened: Core | undefined;

export function useThisCore(core: Core): void {
  opened = core;
}

/** Asks the core. Errors: those of the request, as CoreError of the client. */
export function ask<Answer>(type: string, fields: JsonObject = {}): Promise<Answer> {
  if (!opened) throw new Error("the core is asked before it was opened");
  return opened.call({ "@type": type, ...fields }) as Promise<unknown> as Promise<Answer>;
}

const askers = new Set<() => void>();

/** Asks for something that may change other answers: they are asked for again. */
export async function act<Answer>(type: string, fields: JsonObject = {}): Promise<Answer> {
  const answer = await ask<Answer>(type, fields);
  for (const again of askers) again();
  return answer;
}

export function addFile(begin: JsonObject, file: Blob): Promise<Written> {
  return opened!.addFile({ ...begin, size: file.size }, file) as Promise<unknown> as Promise<Written>;
}

export function readFile(hash: string): Promise<Blob> {
  return opened!.readFile(hash);
}

export function onEvent(listener: (event: JsonObject) => void): () => void {
  return opened!.on("event", listener);
}

export interface Asked<Answer> {
  readonly value: Answer | undefined;
  readonly error: unknown;
}

/** An answer that is asked for again whenever something may have changed. */
export function useAsked<Answer>(
  question: () => Promise<Answer>, about: readonly unknown[] = [],
): Asked<Answer> {
  const [asked, setAsked] = useState<Asked<Answer>>({ value: undefined, error: undefined });
  const latest = useRef(question);
  latest.current = question;
  useEffect(() => {
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
    setAsked((before) => (before.value === undefined ? before : { value: undefined, error: undefined }));
    void run();
    const rerun = () => void run();
    askers.add(rerun);
    const ends = [opened!.on("event", rerun), opened!.on("sync", rerun), () => askers.delete(rerun)];
    return () => {
      gone = true;
      for (const end of ends) end();
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

export const status = () => ask<Status>("status");

/** The only value of a field; empty when there is none, or when several stand side by side. */
export function only(dossier: Dossier, name: string): string {
  const values = dossier.fields.find((one) => one.field === name)?.values;
  return values?.length === 1 ? values[0]! : "";
}
