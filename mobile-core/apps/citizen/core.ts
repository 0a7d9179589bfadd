import type { Dossier, RecordView } from "../../web/api";
import { request } from "../shared/request";

/** The one dossier that the link of this phone's key was made for. */
export async function dossier(): Promise<Dossier> {
  const { me } = await request("status");
  if (me?.scope === undefined) throw new Error("the key is not a citizen's");
  return request("dossier", { dossier: me.scope });
}

/** The newest record of a kind that is not turned away. */
export function latest(of: Dossier, type: string): RecordView | undefined {
  return of.records
    .filter((one) => one.type === type && one.verdict !== "refused" && one.verdict !== "duplicate")
    .at(-1);
}

/** What this phone has signed and somebody may want to see: the newest of both kinds. */
export function ownConfirmation(of: Dossier): RecordView | undefined {
  return of.records
    .filter((one) => one.own && (one.type === "confirmed" || one.type === "delivery_confirmed"))
    .at(-1);
}

export type Duty = "confirm" | "confirmDelivery" | "none";

/** What the citizen is asked for now. */
export function duty(of: Dossier): Duty {
  if (
    of.sealed !== undefined &&
    of.confirmation !== "countersigned" &&
    ["sealed", "confirmed", "needs_supplement"].includes(of.line.stage)
  )
    return "confirm";
  return of.delivered !== undefined && !of.deliveryConfirmed ? "confirmDelivery" : "none";
}
