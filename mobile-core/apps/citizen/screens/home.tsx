import type { JSX } from "preact";
import type { Dossier } from "../../../web/api";
import { status, useAsked, useLink, words } from "../../shared/core";
import { date, dateTime, time } from "../../shared/format";
import { useFresh } from "../../shared/fresh";
import { CoreProblem } from "../../shared/problem";
import { request } from "../../shared/request";
import { address } from "../../shared/router";
import { LanguageSwitch } from "../../shared/shell";
import { Button, Line, LinkButton, Notice, Screen, Waiting } from "../../shared/ui";
import { dossier as ask, duty, latest, ownConfirmation } from "../core";
import { openedBefore, openStore } from "../stores";
import { t } from "../texts";
import { HandedOver, Receipt, Timeline } from "./parts";

/** Somebody who waits for a result looks now and then; a phone's battery is not spent on it. */
const FRESH_MS = 20_000;

/** Where the dossier stands, in a sentence, and what happens next. */
function Standing({ dossier }: { dossier: Dossier }): JSX.Element {
  const { line } = dossier;
  // The registry has the answer and waits for the slip, which is still on the courier's phone.
  const ahead = ownConfirmation(dossier)?.verdict === "held" && dossier.sealed === undefined;
  const says = ahead ? "ahead" : duty(dossier) === "confirm" ? "sealed" : line.stage;
  return (
    <section class="card stack">
      <p class="headline">{t(`stage.${says}`)}</p>
      <p>{t(`stage.${says}Why`)}</p>
      {line.stage === "needs_supplement" && (
        <ul>
          {dossier.supplementItems.map((item) => (
            <li key={item}>• {item}</li>
          ))}
        </ul>
      )}
      {line.stage === "refused" && <p>{dossier.refusalReason}</p>}
      {(says === "requested" || says === "assigned") && line.visitFromMs !== undefined && (
        <p class="lead number">
          {t("visit", {
            from: dateTime(line.visitFromMs),
            until: line.visitUntilMs === undefined ? "…" : time(line.visitUntilMs),
          })}
        </p>
      )}
      {line.dueMs !== undefined && line.stage !== "returned" && (
        <p class="lead number">{t("due", { date: date(line.dueMs) })}</p>
      )}
      {line.dossierCode && (
        <p class="small">
          {t("fact.code")}: <span class="code">{line.dossierCode}</span>
        </p>
      )}
    </section>
  );
}

function Network(): JSX.Element | null {
  const link = useLink();
  const { value: now } = useAsked(status);
  if (!now) return null;
  if (now.revoked || now.trouble) {
    return (
      <Notice tone="bad" title={t("trouble")}>
        {now.trouble && <p>{words(now.trouble)}</p>}
      </Notice>
    );
  }
  if (!link.online)
    return (
      <Notice tone="wait" icon="phone">
        <p>{t("net.offline")}</p>
      </Notice>
    );
  if (now.syncError && !now.syncing) {
    return (
      <Notice tone="wait" title={t("net.stuck")}>
        <p>{words(now.syncError)}</p>
      </Notice>
    );
  }
  return null;
}

function Freshness(): JSX.Element {
  const { value: now } = useAsked(status);
  return (
    <div class="row between unprinted">
      <span class="small">
        {now?.syncedMs ? t("net.fresh", { when: dateTime(now.syncedMs) }) : ""}
      </span>
      <Button kind="quiet" icon="sync" onPress={() => request("sync").catch(() => undefined)}>
        {t("net.update")}
      </Button>
    </div>
  );
}

function actions(dossier: Dossier): JSX.Element | null {
  switch (duty(dossier)) {
    case "confirm":
      return (
        <LinkButton kind="primary" big icon="pen" href={address("confirm")}>
          {t("do.review")}
        </LinkButton>
      );
    case "confirmDelivery":
      return (
        <LinkButton kind="primary" big icon="check" href={address("result")}>
          {t("do.result")}
        </LinkButton>
      );
    default:
      return dossier.line.stage === "returned" && latest(dossier, "feedback") === undefined ? (
        <LinkButton kind="primary" big icon="pen" href={address("rate")}>
          {t("do.rate")}
        </LinkButton>
      ) : null;
  }
}

export function Home(): JSX.Element {
  useFresh(FRESH_MS);
  const { value: dossier, error } = useAsked(ask);
  const others = useAsked(openedBefore).value?.slice(1) ?? [];
  return (
    <Screen title={t("title")} aside={<LanguageSwitch />} action={dossier && actions(dossier)}>
      {error !== undefined && <CoreProblem of={error} />}
      {!dossier && error === undefined && <Waiting for={t("reading")} />}
      <Network />
      {dossier && (
        <>
          <Standing dossier={dossier} />
          <HandedOver dossier={dossier} />
          <Timeline dossier={dossier} />
          <Receipt dossier={dossier} />
          <ul class="card flush lines unprinted">
            <li>
              <Line icon="phone" href={address("phones")} title={t("do.phones")} />
            </li>
            <li>
              <Line icon="print" onPress={() => print()} title={t("receipt.print")} />
            </li>
          </ul>
          <Freshness />
        </>
      )}
      {others.length > 0 && (
        <section class="stack unprinted" aria-labelledby="others">
          <h2 class="section" id="others">
            {t("others.title")}
          </h2>
          <ul class="card flush lines">
            {others.map(({ store, sinceMs }) => (
              <li key={store}>
                <Line
                  icon="slip"
                  onPress={() => void openStore(store)}
                  title={t("others.one", { date: date(sinceMs) })}
                />
              </li>
            ))}
          </ul>
        </section>
      )}
    </Screen>
  );
}
