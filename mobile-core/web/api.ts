// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.

/** A UUID. */
export type Id = string;
/** 64 hexadecimal digits. */
export type Hash = string;
/** Bytes in base64. */
export type Base64 = string;
export type NoFields = {};

/** What is asked by name, and what comes back where it is not an ErrorInfo. */
export interface Requests {
  status: { request: NoFields; answer: Status };
  unlock: {
    request: {
      readonly pin: string;
    };
    answer: Done;
  };
  lock: { request: NoFields; answer: Done };
  touch: { request: NoFields; answer: Done };
  setPin: {
    request: {
      readonly now?: string;
      readonly next: string;
    };
    answer: Done;
  };
  makeVault: { request: NoFields; answer: Done };
  train: { request: NoFields; answer: Done };
  holdFiles: {
    request: {
      readonly hold: boolean;
    };
    answer: Done;
  };
  enrol: {
    request: {
      readonly link: string;
    };
    answer: Done;
  };
  sync: { request: NoFields; answer: Done };
  live: { request: NoFields; answer: Live };
  newKey: { request: NoFields; answer: Done };
  dossiers: { request: NoFields; answer: DossierList };
  round: { request: NoFields; answer: DossierList };
  queue: { request: NoFields; answer: DossierList };
  dossier: {
    request: {
      readonly dossier: Id;
    };
    answer: Dossier;
  };
  procedures: {
    request: {
      readonly text: string;
      readonly limit: number;
    };
    answer: ProcedureList;
  };
  procedure: {
    request: {
      readonly code: string;
    };
    answer: Procedure;
  };
  addNote: {
    request: {
      readonly dossier: Id;
      readonly text: string;
    };
    answer: Written;
  };
  fetchFile: {
    request: {
      readonly hash: Hash;
    };
    answer: Done;
  };
  requestPickup: {
    request: {
      readonly procedure: string;
      readonly unit: string;
      readonly service: ServiceKind;
      readonly owner: string;
      readonly phone: string;
      readonly address: string;
      readonly visitFromMs?: number;
      readonly visitUntilMs?: number;
    };
    answer: Written;
  };
  assign: {
    request: {
      readonly dossier: Id;
      readonly courier: Id;
    };
    answer: Written;
  };
  citizenLink: {
    request: {
      readonly dossier: Id;
    };
    answer: Done;
  };
  openDossier: {
    request: {
      readonly dossier?: Id;
      readonly procedure: string;
      readonly service: ServiceKind;
      readonly case?: string;
    };
    answer: Written;
  };
  scanCard: {
    request: {
      readonly dossier: Id;
      readonly text: string;
    };
    answer: Scanned;
  };
  writeField: {
    request: {
      readonly dossier: Id;
      readonly field: string;
      readonly value: string;
    };
    answer: Written;
  };
  checkDocument: {
    request: {
      readonly dossier: Id;
      readonly count: DocumentCount;
    };
    answer: Written;
  };
  takeMoney: {
    request: {
      readonly dossier: Id;
      readonly kind: MoneyKind;
      readonly amountDong: number;
      readonly cash: boolean;
    };
    answer: Written;
  };
  seal: {
    request: {
      readonly dossier: Id;
      readonly sealNo: string;
    };
    answer: Written;
  };
  supplement: {
    request: {
      readonly dossier: Id;
      readonly text: string;
    };
    answer: Written;
  };
  offerHandover: {
    request: {
      readonly unit: string;
      readonly dossiers: readonly Id[];
    };
    answer: Written;
  };
  acceptReturn: {
    request: {
      readonly offer: Hash;
    };
    answer: Written;
  };
  attemptDelivery: {
    request: {
      readonly dossier: Id;
      readonly reason: string;
    };
    answer: Written;
  };
  checkItemCode: {
    request: {
      readonly text: string;
    };
    answer: Done;
  };
  makeParcel: {
    request: {
      readonly records: readonly Hash[];
    };
    answer: Parcel;
  };
  takeParcel: {
    request: {
      readonly text: string;
    };
    answer: Taken;
  };
  confirmByCode: {
    request: {
      readonly dossier: Id;
      readonly code: string;
    };
    answer: Written;
  };
  confirm: {
    request: {
      readonly sealed: Hash;
    };
    answer: Written;
  };
  confirmDelivery: {
    request: {
      readonly delivered: Hash;
    };
    answer: Written;
  };
  rate: {
    request: {
      readonly dossier: Id;
      readonly satisfaction: number;
      readonly text: string;
    };
    answer: Written;
  };
  acceptHandover: {
    request: {
      readonly offer: Hash;
      readonly missing: readonly Id[];
    };
    answer: Written;
  };
  accept: {
    request: {
      readonly dossier: Id;
    };
    answer: Written;
  };
  requestSupplement: {
    request: {
      readonly dossier: Id;
      readonly items: readonly string[];
      readonly reason: string;
    };
    answer: Written;
  };
  refuse: {
    request: {
      readonly dossier: Id;
      readonly reason: string;
    };
    answer: Written;
  };
  forward: {
    request: {
      readonly dossier: Id;
      readonly step: string;
    };
    answer: Written;
  };
  finish: {
    request: {
      readonly dossier: Id;
      readonly result: string;
    };
    answer: Written;
  };
  offerReturn: {
    request: {
      readonly dossiers: readonly Id[];
    };
    answer: Written;
  };
  workItems: { request: NoFields; answer: WorkItems };
  adjudicate: {
    request: {
      readonly held: Hash;
      readonly outcome: Outcome;
      readonly reason: string;
    };
    answer: Written;
  };
  resolveDispute: {
    request: {
      readonly dossier: Id;
      readonly link: Hash;
      readonly reason: string;
    };
    answer: Written;
  };
}
export type RequestName = keyof Requests;
/** A request as the core takes it. With a key it may be repeated: the same key writes once. */
export type Request<N extends RequestName> =
  { readonly "@type": N; readonly "@key"?: Id } &
  Requests[N]["request"];
export type Answer<N extends RequestName> = Requests[N]["answer"];

/** What the core tells without being asked. */
export interface Events {
  changed: NoFields;
  enrolled: NoFields;
  synced: {
    readonly received: number;
    readonly rejected: number;
    readonly pulled: number;
    readonly files: number;
  };
  syncFailed: {
    readonly error: ErrorInfo;
    readonly nextTryMs?: number;
  };
  locked: NoFields;
  linkForCitizen: {
    readonly dossier: Id;
    readonly link: string;
  };
  fileHere: {
    readonly hash: Hash;
  };
  errandFailed: {
    readonly dossier?: Id;
    readonly hash?: Hash;
    readonly error: ErrorInfo;
  };
}
export type EventName = keyof Events;
/** An event as the core gives it. */
export type CoreEvent = {
  [N in EventName]: { readonly "@type": N } & Events[N];
}[EventName];

export interface OpenOptions {
  readonly path: string;
  readonly platformKey?: Base64;
}

export interface SyncCall {
  readonly call: number;
  readonly method: string;
  readonly url: string;
  readonly contentType: string;
  readonly contentEncoding: string;
  readonly bearer: string;
  readonly timeoutMs: number;
}

export interface SyncHead {
  readonly call: number;
  readonly status: number;
  readonly retryAfterS?: number;
}

export interface BlobBegin {
  readonly use: BlobUse;
  readonly dossier: Id;
  readonly size: number;
  readonly role?: AttachmentRole;
  readonly line?: number;
  readonly document?: string;
  readonly key?: Id;
}

export interface Me {
  readonly role: Role;
  readonly unit: string;
  readonly label: string;
  readonly actor: Id;
  readonly tenant: string;
  readonly tenantName: string;
  readonly certificateUntilMs: number;
  readonly scope?: Id;
}

export interface Stock {
  readonly slips: number;
  readonly items: number;
  readonly toSeal: number;
  readonly low: boolean;
}

export interface ErrorInfo {
  readonly code: number;
  readonly error: string;
  readonly detail: string;
  readonly vi: string;
  readonly en: string;
  readonly transient: boolean;
}

export interface Status {
  readonly made: boolean;
  readonly locked: boolean;
  readonly needsPin: boolean;
  readonly me?: Me;
  readonly server: string;
  readonly unsentRecords: number;
  readonly unsentFiles: number;
  readonly unsentBytes: number;
  readonly filesHeld: boolean;
  readonly oldestUnsentMs?: number;
  readonly stock?: Stock;
  readonly syncing: boolean;
  readonly syncedMs?: number;
  readonly nextTryMs?: number;
  readonly syncError?: ErrorInfo;
  readonly serverAheadMs: number;
  readonly procedures: number;
  readonly trouble?: ErrorInfo;
  readonly revoked?: RevocationReason;
}

export type Done = NoFields;

export interface Live {
  readonly url: string;
  readonly hello: Base64;
}

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
  readonly id: Id;
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
  readonly offer?: Hash;
  readonly offerDirection?: Direction;
  readonly citizenBound: boolean;
  readonly where: Where;
}

export interface DossierList {
  readonly dossiers: readonly DossierLine[];
}

export interface Field {
  readonly field: string;
  readonly values: readonly string[];
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
  readonly kind: DocumentKind;
  readonly case: string;
  readonly title: string;
  readonly originals: number;
  readonly copies: number;
}

export interface Attachment {
  readonly hash: Hash;
  readonly size: number;
  readonly mediaType: string;
  readonly role: AttachmentRole;
  readonly line: number;
  readonly here: boolean;
}

export interface Taking {
  readonly record: Hash;
  readonly kind: MoneyKind;
  readonly amountDong: number;
  readonly cash: boolean;
}

export interface Slip {
  readonly sendSlipNo: string;
  readonly itemId: string;
  readonly sealNo: string;
  readonly documents: readonly DocumentCount[];
  readonly photos: readonly Hash[];
  readonly moneyDong: number;
}

export interface Signer {
  readonly role: Role;
  readonly unit: string;
  readonly label: string;
}

export interface RecordView {
  readonly hash: Hash;
  readonly type: string;
  readonly verdict: Verdict;
  readonly why?: ErrorInfo;
  readonly received: boolean;
  readonly own: boolean;
  readonly claimedMs: number;
  readonly receivedMs?: number;
  readonly signer?: Signer;
}

export interface Dossier {
  readonly line: DossierLine;
  readonly service?: ServiceKind;
  readonly fields: readonly Field[];
  readonly documents: readonly DocumentCount[];
  readonly uncounted: readonly DocumentLine[];
  readonly attachments: readonly Attachment[];
  readonly takings: readonly Taking[];
  readonly sealed?: Hash;
  readonly sealNo: string;
  readonly slip?: Slip;
  readonly confirmation?: Grade;
  readonly codeSent: boolean;
  readonly codeClaimed: boolean;
  readonly delivered?: Hash;
  readonly deliveryConfirmed: boolean;
  readonly supplementItems: readonly string[];
  readonly refusalReason: string;
  readonly disputed: readonly Hash[];
  readonly records: readonly RecordView[];
}

export interface ProcedureLine {
  readonly code: string;
  readonly title: string;
  readonly field: string;
  readonly byPost: PostalAnswer;
}

export interface ProcedureList {
  readonly procedures: readonly ProcedureLine[];
}

export interface TimeLimit {
  readonly count?: number;
  readonly unit: TimeUnit;
  readonly text: string;
}

export interface Fee {
  readonly amountDong?: number;
  readonly certainty: FeeCertainty;
  readonly text: string;
}

export interface Procedure {
  readonly line: ProcedureLine;
  readonly resultByPost: PostalAnswer;
  readonly presenceRequired: boolean;
  readonly result: string;
  readonly decision: string;
  readonly times: readonly TimeLimit[];
  readonly fee?: Fee;
  readonly documents: readonly DocumentLine[];
}

export interface Written {
  readonly dossier: Id;
  readonly record: Hash;
}

export interface Scanned {
  readonly dossier: Id;
  readonly record: Hash;
  readonly warnings: readonly IdentityWarning[];
}

export interface Parcel {
  readonly text: string;
}

export interface Taken {
  readonly records: readonly RecordView[];
  readonly dossier?: Id;
}

export interface WorkItem {
  readonly dossier: Id;
  readonly record: RecordView;
  readonly officersNeeded: number;
}

export interface WorkItems {
  readonly items: readonly WorkItem[];
}

export type Role = "courier" | "officer" | "citizen" | "dispatcher" | "registry";

export type RevocationReason = "retired" | "lost" | "compromised";

export type Stage =
  | "empty"
  | "requested"
  | "assigned"
  | "collecting"
  | "sealed"
  | "confirmed"
  | "handed_over"
  | "accepted"
  | "needs_supplement"
  | "supplemented"
  | "processing"
  | "refused"
  | "result_ready"
  | "returned";

export type Custodian = "citizen" | "courier" | "desk" | "disputed";

export type Direction = "to_desk" | "to_courier";

export type ServiceKind = "send" | "receive_result" | "both";

export type DocumentKind = "to_submit" | "to_present" | "note" | "other";

export type AttachmentRole = "page" | "card" | "parcel" | "signature_image" | "result";

export type MoneyKind = "fee" | "charge" | "postage";

export type Grade = "countersigned" | "one_time_code" | "courier_statement";

export type Verdict = "effective" | "provisional" | "held" | "refused" | "duplicate" | "waiting";

export type PostalAnswer = "no" | "yes" | "candidate";

export type TimeUnit = "working_day" | "calendar_day" | "hour" | "month" | "prose" | "same_day";

export type FeeCertainty = "stated" | "set_elsewhere" | "not_given";

export type IdentityWarning =
  | "province_unknown"
  | "sex_differs"
  | "birth_year_differs"
  | "old_number_unclear"
  | "address_missing";

export type Outcome = "counts" | "does_not_count";

export type BlobUse = "photo" | "confirm_by_statement" | "deliver";
