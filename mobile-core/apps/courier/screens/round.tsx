import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { date, isToday, time } from "../../shared/format";
import { Icon } from "../../shared/icons";
import { CoreProblem } from "../../shared/problem";
import { address } from "../../shared/router";
import { useGrowing } from "../../shared/growing";
import { Badge, LinkButton, Notice, Screen, Waiting } from "../../shared/ui";
import { core, status, useAsked, type DossierLine } from "../core";
import { stageText, stageTone, t } from "../texts";
import { Tabs } from "../tabs";
import { Revoked, SyncMark } from "./sync";

/** Visits with a time first, in its order; then those of which only the place is known. */
export function inOrder(visits: readonly DossierLine[]): DossierLine[] {
  return [...visits].sort(
    (a, b) =>
      (a.visitFromMs ?? Infinity) - (b.visitFromMs ?? Infinity) ||
      a.address.localeCompare(b.address, "vi"),
  );
}

function when(visit: DossierLine): string | undefined {
  if (visit.visitFromMs === undefined) return undefined;
  const day = isToday(visit.visitFromMs) ? "" : date(visit.visitFromMs) + " ";
  const until = visit.visitUntilMs === undefined ? "" : "–" + time(visit.visitUntilMs);
  return day + time(visit.visitFromMs) + until;
}

function VisitCard({ visit }: { visit: DossierLine }): JSX.Element {
  const at = when(visit);
  return (
    <li class="card stack">
      <a
        href={address("dossier", visit.id)}
        style="color:inherit;text-decoration:none"
        class="stack tight"
      >
        <span class="row between">
          <Badge tone={stageTone(visit.stage)}>{stageText(visit.stage)}</Badge>
          {at && (
            <Badge icon="clock" tone="note">
              {at}
            </Badge>
          )}
        </span>
        <span class="title">{visit.owner || t("dossier.nameless")}</span>
        <span class="small clamp">{visit.procedureName}</span>
        {visit.address && <span class="small">{visit.address}</span>}
      </a>
      {(visit.address || visit.phone) && (
        <div class="row">
          {visit.address && (
            <a class="button" href={"geo:0,0?q=" + encodeURIComponent(visit.address)}>
              <Icon name="map" />
              <span>{t("round.map")}</span>
            </a>
          )}
          {visit.phone && (
            <a class="button" href={"tel:" + visit.phone}>
              <Icon name="call" />
              <span>{t("round.call")}</span>
            </a>
          )}
        </div>
      )}
    </li>
  );
}

type Part = "door" | "bring";

export function Round(): JSX.Element {
  const { value: visits, error } = useAsked(() => core.round());
  const { value: now } = useAsked(status);
  const stock = now?.stock;
  const [part, setPart] = useState<Part>("door");
  const parts = useMemo(() => {
    const is = (ready: boolean) => (visit: DossierLine) =>
      (visit.stage === "result_ready") === ready;
    const of = (ready: boolean) => inOrder((visits ?? []).filter(is(ready)));
    return { door: of(false), bring: of(true) };
  }, [visits]);
  const shown = useGrowing(parts[part]);
  return (
    <Screen
      title={t("round.title")}
      aside={<SyncMark />}
      tabs={<Tabs at="" />}
      action={
        <LinkButton kind="primary" big icon="plus" href={address("search")}>
          {t("round.new")}
        </LinkButton>
      }
    >
      {error !== undefined && <CoreProblem of={error} />}
      {!visits && error === undefined && <Waiting for={t("round.reading")} />}
      <Revoked of={now} />
      {stock?.low && (
        <Notice tone="wait" title={t("round.lowStock")}>
          <p>{t("round.stock", { slips: stock.slips, items: stock.items, seals: stock.toSeal })}</p>
        </Notice>
      )}
      {visits && visits.length > 0 && (
        <div class="row" role="group" aria-label={t("round.show")}>
          {(["door", "bring"] as const).map((which) => (
            <button
              key={which}
              type="button"
              aria-pressed={part === which}
              class={part === which ? "button primary" : "button"}
              onClick={() => setPart(which)}
            >
              {t(which === "door" ? "round.door" : "round.bring", {
                count: parts[which].length,
              })}
            </button>
          ))}
        </div>
      )}
      {visits && parts[part].length === 0 && (
        <Notice tone="plain" title={t("round.empty")}>
          <p>{t("round.emptyWhy")}</p>
        </Notice>
      )}
      <ul class="stack">
        {shown.map((visit) => (
          <VisitCard key={visit.id} visit={visit} />
        ))}
      </ul>
    </Screen>
  );
}
