import {
  act,
  addFile,
  ask,
  type AttachmentRole,
  type Dossier,
  type MoneyKind,
  type Procedure,
  type ServiceKind,
} from "../shared/core";

export * from "../shared/core";

export interface Count {
  readonly originals: number;
  readonly certified: number;
  readonly photocopies: number;
}

/** A dossier with its procedure; none when the catalogue on this phone does not have it. */
export interface Door {
  readonly dossier: Dossier;
  readonly procedure: Procedure | undefined;
}

const jpeg = (file: Blob): Blob => new Blob([file], { type: "image/jpeg" });

/** The courier's requests, as docs/core-api.md names them. */
export const core = {
  unlock: (pin: string) => act("unlock", { pin }),
  lock: () => act("lock", {}),
  setPin: (next: string, now?: string) =>
    act("setPin", now === undefined ? { next } : { now, next }),
  enrol: (link: string) => act("enrol", { link }),
  sync: () => act("sync", {}),

  dossiers: async () => (await ask("dossiers", {})).dossiers,
  round: async () => (await ask("round", {})).dossiers,
  dossier: (dossier: string) => ask("dossier", { dossier }),
  procedure: (code: string) => ask("procedure", { code }),
  search: async (text: string, limit: number) =>
    (await ask("procedures", { text, limit })).procedures,
  async door(id: string): Promise<Door> {
    const dossier = await core.dossier(id);
    const procedure =
      dossier.line.procedureName === dossier.line.procedure
        ? undefined
        : await core.procedure(dossier.line.procedure);
    return { dossier, procedure };
  },

  open: async (procedure: string, service: ServiceKind, dossier?: string) =>
    (
      await act(
        "openDossier",
        dossier === undefined ? { procedure, service } : { dossier, procedure, service },
      )
    ).dossier,
  scanCard: async (dossier: string, text: string) =>
    (await act("scanCard", { dossier, text })).warnings,
  writeField: (dossier: string, field: string, value: string) =>
    act("writeField", { dossier, field, value }),
  checkDocument: (dossier: string, line: number, title: string, count: Count) =>
    act("checkDocument", { dossier, count: { line, title, ...count } }),
  addPhoto: (dossier: string, photo: Blob, role: AttachmentRole, line: number) =>
    addFile({ use: "photo", dossier, role, line }, jpeg(photo)),
  takeMoney: (dossier: string, kind: MoneyKind, amountDong: number, cash: boolean) =>
    act("takeMoney", { dossier, kind, amountDong, cash }),
  seal: (dossier: string, sealNo: string) => act("seal", { dossier, sealNo }),
  checkItemCode: (text: string) => ask("checkItemCode", { text }),
  addNote: (dossier: string, text: string) => act("addNote", { dossier, text }),
  supplement: (dossier: string, text: string) => act("supplement", { dossier, text }),

  makeParcel: async (records: readonly string[]) => (await ask("makeParcel", { records })).text,
  takeParcel: (text: string) => act("takeParcel", { text }),
  confirmByCode: (dossier: string, code: string) => act("confirmByCode", { dossier, code }),
  confirmByStatement: (dossier: string, signature: Blob) =>
    addFile({ use: "confirm_by_statement", dossier }, jpeg(signature)),

  offerHandover: (unit: string, dossiers: readonly string[]) =>
    act("offerHandover", { unit, dossiers }),
  acceptReturn: (offer: string) => act("acceptReturn", { offer }),
  attemptDelivery: (dossier: string, reason: string) => act("attemptDelivery", { dossier, reason }),
  deliver: (dossier: string, document: string, signature: Blob) =>
    addFile({ use: "deliver", dossier, document }, jpeg(signature)),
} as const;
