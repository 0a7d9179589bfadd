import { isToday } from "../shared/format";
import { core, status, type DossierLine, type MoneyKind } from "./core";

/** Sealed envelopes that the courier still carries to a desk. */
export async function inBag(): Promise<DossierLine[]> {
  return (await core.dossiers()).filter(
    (one) => one.custodian === "courier" && (one.stage === "sealed" || one.stage === "confirmed"),
  );
}

export interface Offer {
  readonly offer: string;
  readonly dossiers: readonly DossierLine[];
}

/** What the desk gives back and nobody has signed for yet, by hand-over. */
export async function offersToMe(): Promise<Offer[]> {
  const offers = new Map<string, DossierLine[]>();
  for (const line of await core.dossiers()) {
    if (line.offer === undefined || line.custodian !== "desk") continue;
    if (line.offerDirection !== "to_courier") continue;
    offers.set(line.offer, [...(offers.get(line.offer) ?? []), line]);
  }
  return [...offers].map(([offer, dossiers]) => ({ offer, dossiers }));
}

export interface Sum {
  readonly kind: MoneyKind;
  readonly cashDong: number;
  readonly transferDong: number;
}

export interface Day {
  /** In the order of the law's words; only what was taken of. */
  readonly money: readonly Sum[];
  readonly takings: readonly (readonly [DossierLine, number])[];
  readonly cashDong: number;
  readonly bag: readonly DossierLine[];
  readonly sealed: number;
  readonly handedOver: number;
  readonly unsentRecords: number;
  readonly unsentBytes: number;
}

/** The day as this phone has it: what was written on it since midnight. */
export async function today(): Promise<Day> {
  const [now, lines] = await Promise.all([status(), core.dossiers()]);
  const takings: [DossierLine, number][] = [];
  const sums = new Map<MoneyKind, { cash: number; transfer: number }>();
  let sealed = 0;
  let handedOver = 0;
  // Of a visit that nobody has begun there is nothing to be read.
  const isOpen = ({ where }: DossierLine) => where.here + where.held + where.refused > 0;
  const begun = lines.filter((one) => one.moneyDong > 0 || one.sendSlipNo !== "" || isOpen(one));
  for (const line of begun) {
    const { records, takings: all } = await core.dossier(line.id);
    const has = (type: string) =>
      records.some((one) => one.own && one.type === type && isToday(one.claimedMs));
    const mine = new Set(
      records.filter((one) => one.own && isToday(one.claimedMs)).map((one) => one.hash),
    );
    let cash = 0;
    for (const one of all) {
      if (!mine.has(one.record)) continue;
      const sum = sums.get(one.kind) ?? { cash: 0, transfer: 0 };
      sum[one.cash ? "cash" : "transfer"] += one.amountDong;
      sums.set(one.kind, sum);
      if (one.cash) cash += one.amountDong;
    }
    if (cash > 0) takings.push([line, cash]);
    if (has("sealed")) sealed++;
    if (line.custodian === "desk" && has("handover_offered")) handedOver++;
  }
  return {
    money: (["charge", "fee", "postage"] as const).flatMap((kind) => {
      const sum = sums.get(kind);
      return sum ? [{ kind, cashDong: sum.cash, transferDong: sum.transfer }] : [];
    }),
    takings,
    cashDong: takings.reduce((sum, [, cash]) => sum + cash, 0),
    bag: lines.filter((one) => one.custodian === "courier"),
    sealed,
    handedOver,
    unsentRecords: now.unsentRecords,
    unsentBytes: now.unsentBytes,
  };
}
