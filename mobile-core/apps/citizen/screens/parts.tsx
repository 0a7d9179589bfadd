import type { JSX } from "preact";
import type { Dossier, RecordView, Slip } from "../../../web/api";
import { words } from "../../shared/core";
import { dateTime, money } from "../../shared/format";
import { Icon } from "../../shared/icons";
import { usePhoto } from "../../shared/photo";
import { Facts, Notice } from "../../shared/ui";
import { when } from "../../shared/core";
import { latest } from "../core";
import { t, type TextKey } from "../texts";

type Count = Slip["documents"][number];

function counted(count: Count): string {
  const parts = (["originals", "certified", "photocopies"] as const)
    .filter((kind) => count[kind] > 0)
    .map((kind) => t(`papers.${kind}`, { count: count[kind] }));
  return parts.length > 0 ? parts.join(", ") : t("papers.zero");
}

function Photo({ hash, number }: { hash: string; number: number }): JSX.Element {
  const { source, error } = usePhoto(hash);
  const label = t("papers.photo", { number });
  return (
    <li>
      {source ? (
        <img src={source} alt={label} />
      ) : (
        <div style="aspect-ratio:3/4;padding:.5rem" class="small">
          {error ? t("papers.photoMissing") : ""}
        </div>
      )}
      <span class="small">{label}</span>
    </li>
  );
}

/**
 * What the slip says and nothing else: that is what a confirmation is about. Before the seal it is
 * what has been counted so far.
 */
export function HandedOver({ dossier }: { dossier: Dossier }): JSX.Element {
  const { slip, line } = dossier;
  const documents = slip?.documents ?? dossier.documents;
  const photos = slip?.photos ?? [];
  const paid = slip?.moneyDong ?? line.moneyDong;
  const courier = latest(dossier, "sealed")?.signer;
  return (
    <section class="card stack" aria-labelledby="handed">
      <h2 class="title" id="handed">
        {t("papers.title")}
      </h2>
      <p class="lead">{line.procedureName}</p>
      {documents.length === 0 && <p class="small">{t("papers.none")}</p>}
      <ul class="papers">
        {documents.map((one) => (
          <li key={one.line + one.title}>
            <span>{one.title}</span>
            <span class="number">{counted(one)}</span>
          </li>
        ))}
      </ul>
      {photos.length > 0 && (
        <>
          <h3 class="label">{t("papers.photos", { count: photos.length })}</h3>
          <ul class="photos">
            {photos.map((hash, at) => (
              <Photo key={hash} hash={hash} number={at + 1} />
            ))}
          </ul>
        </>
      )}
      <Facts
        of={[
          ...(slip || paid > 0
            ? ([[t("fact.money"), paid > 0 ? money(paid) : t("fact.noMoney")]] as const)
            : []),
          ...(slip
            ? ([
                [t("fact.slip"), <span class="code">{slip.sendSlipNo}</span>],
                [t("fact.item"), <span class="code">{slip.itemId}</span>],
                [t("fact.seal"), <span class="code">{slip.sealNo}</span>],
              ] as const)
            : []),
          ...(courier
            ? ([
                [t("fact.courier"), courier.label],
                [t("fact.unit"), courier.unit],
              ] as const)
            : []),
        ]}
      />
    </section>
  );
}

const steps = [
  "sealed",
  "confirmed",
  "handover_accepted",
  "accepted",
  "result_ready",
  "delivered",
  "delivery_confirmed",
] as const;

/** Every step that there is, with the hour of those that are done. */
export function Timeline({ dossier }: { dossier: Dossier }): JSX.Element {
  const refused = latest(dossier, "refused");
  const shown = refused
    ? steps.filter((step) => latest(dossier, step) !== undefined || step === "delivered")
    : steps;
  const rows: { key: TextKey; record: RecordView | undefined; bad: boolean }[] = shown.map(
    (step) => ({ key: `time.${step}`, record: latest(dossier, step), bad: false }),
  );
  if (refused)
    rows.splice(
      rows.findIndex((row) => !row.record),
      0,
      { key: "time.refused", record: refused, bad: true },
    );
  return (
    <section class="card stack" aria-labelledby="steps">
      <h2 class="title" id="steps">
        {t("time.title")}
      </h2>
      <ol class="timeline">
        {rows.map(({ key, record, bad }) => (
          <li key={key} class={record ? (bad ? "done bad" : "done") : "open"}>
            <span class="dot" role="img" aria-label={t(record ? "time.done" : "time.waiting")}>
              {record && <Icon name={bad ? "cross" : "check"} />}
            </span>
            <span class="title" style="display:block">
              {t(key)}
            </span>
            {record && <span class="small number">{dateTime(when(record))}</span>}
          </li>
        ))}
      </ol>
    </section>
  );
}

function standing(record: RecordView): string {
  switch (record.verdict) {
    case "effective":
      return t("receipt.counts");
    case "held":
    case "waiting":
      return t("receipt.held");
    case "refused":
      return t("receipt.refused");
    default:
      return "";
  }
}

/** What this phone has signed, and what the registry says that it has of it. */
export function Receipt({ dossier }: { dossier: Dossier }): JSX.Element {
  const own = dossier.records.filter(
    (one) => one.own && (one.type === "confirmed" || one.type === "delivery_confirmed"),
  );
  return (
    <section class="card stack" aria-labelledby="receipt">
      <h2 class="title" id="receipt">
        {t("receipt.title")}
      </h2>
      {own.length === 0 && <p class="small">{t("receipt.none")}</p>}
      {own.map((record) => (
        <div class="stack" key={record.hash}>
          <Facts
            of={[
              [
                t(record.type === "confirmed" ? "receipt.confirmed" : "receipt.delivery"),
                t("receipt.signed", { when: dateTime(record.claimedMs) }),
              ],
              [t("receipt.number"), <span class="code">{record.hash.slice(0, 16)}</span>],
            ]}
          />
          {record.received ? (
            <Notice
              tone={
                record.verdict === "refused" ? "bad" : record.verdict === "held" ? "wait" : "good"
              }
            >
              <p>
                {t("receipt.received", { when: dateTime(when(record)) })} {standing(record)}
              </p>
              {record.why && <p>{words(record.why)}</p>}
            </Notice>
          ) : (
            <Notice tone="wait" icon="phone">
              <p>{t("receipt.here")}</p>
            </Notice>
          )}
        </div>
      ))}
      {dossier.confirmation && (
        <Facts of={[[t("receipt.grade"), t(`grade.${dossier.confirmation}`)]]} />
      )}
    </section>
  );
}
