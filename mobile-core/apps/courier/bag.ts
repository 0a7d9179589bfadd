import { isToday } from "../shared/format";
import { core, status, type DossierLine } from "./core";

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

export interface Day {
  readonly takings: readonly DossierLine[];
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
  const takings: DossierLine[] = [];
  let sealed = 0;
  let handedOver = 0;
  for (const line of lines) {
    const { records } = await core.dossier(line.id);
    const has = (type: string) =>
      records.some((one) => one.own && one.type === type && isToday(one.claimedMs));
    if (line.cashDong > 0 && has("fee_taken")) takings.push(line);
    if (has("sealed")) sealed++;
    if (line.custodian === "desk" && has("handover_offered")) handedOver++;
  }
  return {
    takings,
    cashDong: takings.reduce((sum, one) => sum + one.cashDong, 0),
    bag: lines.filter((one) => one.custodian === "courier"),
    sealed,
    handedOver,
    unsentRecords: now.unsentRecords,
    unsentBytes: now.unsentBytes,
  };
}
