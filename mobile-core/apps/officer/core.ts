import type { Dossier, DossierLine, RecordView, WorkItem } from "../../web/api";
import { request } from "../shared/request";
import { together } from "../shared/together";

async function queue(): Promise<readonly DossierLine[]> {
  return (await request("queue")).dossiers;
}

async function dossiers(): Promise<readonly DossierLine[]> {
  return (await request("dossiers")).dossiers;
}

/** A hand-over that waits for this desk's signature. */
export interface Bag {
  readonly offer: string;
  /** None: the record is not here, only what was said about it. */
  readonly record: RecordView | undefined;
  readonly dossiers: readonly DossierLine[];
}

/** What couriers have offered, in the order in which they signed. */
async function bags(): Promise<Bag[]> {
  const found = new Map<string, { record: RecordView | undefined; dossiers: DossierLine[] }>();
  for (const line of await dossiers()) {
    if (line.offer === undefined || line.offerDirection !== "to_desk") continue;
    let bag = found.get(line.offer);
    if (bag === undefined) {
      const { records } = await request("dossier", { dossier: line.id });
      bag = { record: records.find((one) => one.hash === line.offer), dossiers: [] };
      found.set(line.offer, bag);
    }
    bag.dossiers.push(line);
  }
  return [...found]
    .map(([offer, bag]) => ({ offer, ...bag }))
    .sort((a, b) => (a.record?.claimedMs ?? 0) - (b.record?.claimedMs ?? 0));
}

/** Dossiers whose citizen has no key yet, while a confirmation by one would still come in time. */
async function unbound(): Promise<readonly DossierLine[]> {
  const early = ["requested", "assigned", "collecting", "sealed"];
  return (await dossiers()).filter((line) => early.includes(line.stage) && !line.citizenBound);
}

/** A record that waits for officers, with the name that tells people which dossier it is about. */
export interface Held extends WorkItem {
  readonly owner: string;
}

async function held(): Promise<readonly Held[]> {
  const { items } = await request("workItems");
  if (items.length === 0) return [];
  const owners = new Map((await dossiers()).map((line) => [line.id, line.owner]));
  return items.map((item) => ({ ...item, owner: owners.get(item.dossier) ?? "" }));
}

export const useQueue = together(queue);
export const useBags = together(bags);
export const useUnbound = together(unbound);
export const useHeld = together(held);

export type Act = "accept" | "supplement" | "forward" | "refuse" | "finish" | "note" | "dispute";

/**
 * What is offered at a step, the likeliest first. It is for convenience: what may be done is the
 * core's to say, and it says why not.
 */
export function acts({ line, disputed }: Dossier): Act[] {
  if (disputed.length > 0) return ["dispute", "note"];
  if (line.offer !== undefined) return ["note"];
  switch (line.stage) {
    case "handed_over":
      return ["accept", "supplement", "refuse", "note"];
    case "supplemented":
      return ["accept", "finish", "forward", "refuse", "note"];
    case "accepted":
    case "processing":
      return ["finish", "forward", "supplement", "refuse", "note"];
    case "needs_supplement":
      return ["refuse", "note"];
    default:
      return ["note"];
  }
}
