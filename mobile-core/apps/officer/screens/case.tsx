import type { JSX } from "preact";
import type { DocumentLine, Dossier, Procedure, RecordView } from "../../../web/api";
import { useAsked, words } from "../../shared/core";
import { count, date, dateTime, money } from "../../shared/format";
import { CoreProblem } from "../../shared/problem";
import { request } from "../../shared/request";
import { Badge, Facts, Notice, Waiting } from "../../shared/ui";
import { when } from "../../shared/core";
import { Page } from "../layout";
import { fieldText, stageTone, t, verdictTone } from "../texts";
import { recordText } from "../texts/records";
import { Actions } from "./actions";
import { Photos } from "./photos";
import { DueBadge } from "./queue";

interface Opened {
  readonly dossier: Dossier;
  /** None: the catalogue here does not have it. */
  readonly procedure: Procedure | undefined;
}

async function open(id: string): Promise<Opened> {
  const dossier = await request("dossier", { dossier: id });
  const procedure =
    dossier.line.procedureName === dossier.line.procedure
      ? undefined
      : await request("procedure", { code: dossier.line.procedure });
  return { dossier, procedure };
}

/** A checksum is compared by its beginning; the rest of it only takes room. */
function shortened(value: string): string {
  return /^[0-9a-f]{64}$/.test(value) ? value.slice(0, 16) + "…" : value;
}

/** Several values stand side by side until somebody decides: none of them is hidden. */
function Fields({ dossier }: { dossier: Dossier }): JSX.Element {
  return (
    <section class="card stack" aria-labelledby="fields">
      <h2 class="title" id="fields">
        {t("case.fields")}
      </h2>
      <Facts
        of={[
          ...dossier.fields.map(
            ({ field, values }) =>
              [
                fieldText(field),
                <>
                  {values.map(shortened).join(" · ")}{" "}
                  {values.length > 1 && <Badge tone="wait">{t("case.several")}</Badge>}
                </>,
              ] as const,
          ),
          ...(dossier.fields.some((one) => one.field === "owner_phone")
            ? []
            : ([[t("field.owner_phone"), dossier.line.phone || "—"]] as const)),
        ]}
      />
    </section>
  );
}

function askedFor({ originals, copies }: DocumentLine): string {
  return t("case.askedCount", { originals: count(originals), copies: count(copies) });
}

function Papers({ dossier, procedure }: Opened): JSX.Element {
  const asked = new Map(procedure?.documents.map((line) => [line.line, line]));
  return (
    <section class="card flush" aria-labelledby="papers">
      <h2 class="grouptitle" id="papers">
        {t("case.papers")}
      </h2>
      {dossier.documents.length + dossier.uncounted.length === 0 ? (
        <p class="small" style="padding:0 .75rem .75rem">
          {t("case.noPapers")}
        </p>
      ) : (
        <table class="table" aria-labelledby="papers">
          <thead>
            <tr>
              <th scope="col">{t("case.paper")}</th>
              <th scope="col">{t("case.asked")}</th>
              <th scope="col" class="right">
                {t("case.originals")}
              </th>
              <th scope="col" class="right">
                {t("case.certified")}
              </th>
              <th scope="col" class="right">
                {t("case.photocopies")}
              </th>
            </tr>
          </thead>
          <tbody>
            {dossier.documents.map((one) => {
              const line = asked.get(one.line);
              return (
                <tr key={one.line + one.title}>
                  <td class="full">{one.title}</td>
                  <td class="full small">{line ? askedFor(line) : "—"}</td>
                  <td class="right" data-name={t("case.originals")}>
                    {count(one.originals)}
                  </td>
                  <td class="right" data-name={t("case.certified")}>
                    {count(one.certified)}
                  </td>
                  <td class="right" data-name={t("case.photocopies")}>
                    {count(one.photocopies)}
                  </td>
                </tr>
              );
            })}
            {dossier.uncounted.map((line) => (
              <tr key={"asked" + line.line}>
                <td class="full">{line.title}</td>
                <td class="full small">{askedFor(line)}</td>
                <td class="full" colSpan={3}>
                  <Badge tone="wait">{t("case.uncounted")}</Badge>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

export function signer(record: RecordView): string {
  if (!record.signer) return "—";
  const { label, role } = record.signer;
  // Citizens and the registry have no name there but their role.
  const named = label === role ? [] : [label];
  const who = [...named, t(`role.${role}`)].join(" · ");
  return record.own ? `${who} (${t("record.you")})` : who;
}

function Records({ records }: { records: readonly RecordView[] }): JSX.Element {
  return (
    <section class="card flush" aria-labelledby="records">
      <h2 class="grouptitle" id="records">
        {t("case.records", { count: count(records.length) })}
      </h2>
      <table class="table" aria-labelledby="records">
        <thead>
          <tr>
            <th scope="col">{t("record.when")}</th>
            <th scope="col">{t("record.what")}</th>
            <th scope="col">{t("record.who")}</th>
            <th scope="col">{t("record.verdict")}</th>
          </tr>
        </thead>
        <tbody>
          {records.map((record) => (
            <tr key={record.hash}>
              <td class="number" style="white-space:nowrap">
                {dateTime(when(record))}
              </td>
              <td>
                {recordText(record.type)}
                <span class="small code wideonly">{record.hash.slice(0, 12)}</span>
              </td>
              <td class="full">
                {signer(record)}
                <span class="small wideonly">{record.signer?.unit}</span>
              </td>
              <td class="full">
                <Badge tone={verdictTone(record.verdict)}>{t(`verdict.${record.verdict}`)}</Badge>
                {record.why && <span class="small">{words(record.why)}</span>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** What stands in the way or must be known before anything is decided. */
function Standing({ dossier }: { dossier: Dossier }): JSX.Element | null {
  const { line } = dossier;
  if (dossier.disputed.length > 0)
    return (
      <Notice tone="bad">
        <p>{t("case.disputed")}</p>
      </Notice>
    );
  if (line.stage === "refused") {
    return (
      <Notice tone="bad" title={t("case.refused")}>
        <p>{dossier.refusalReason}</p>
      </Notice>
    );
  }
  if (line.stage === "needs_supplement") {
    return (
      <Notice tone="wait" title={t("case.supplement")}>
        <ul>
          {dossier.supplementItems.map((item) => (
            <li key={item}>• {item}</li>
          ))}
        </ul>
      </Notice>
    );
  }
  return line.offer === undefined ? null : (
    <Notice tone="note" icon="hand">
      <p>{t("case.offered")}</p>
    </Notice>
  );
}

export function Case({ id }: { id: string }): JSX.Element {
  const { value: opened, error } = useAsked(() => open(id), [id]);
  const dossier = opened?.dossier;
  const line = dossier?.line;
  return (
    <Page at="" back title={line?.owner || t(line ? "nameless" : "case.title")}>
      {error !== undefined && <CoreProblem of={error} />}
      {!opened && error === undefined && <Waiting for={t("reading")} />}
      {opened && dossier && line && (
        <div class="case">
          <div>
            <div class="stack tight">
              <div class="row">
                <Badge tone={stageTone(line.stage)}>{t(`stage.${line.stage}`)}</Badge>
                {line.dossierCode && <span class="code">{line.dossierCode}</span>}
              </div>
              <p class="big2">{line.procedureName}</p>
            </div>
            <Standing dossier={dossier} />
            <Fields dossier={dossier} />
            <Papers {...opened} />
            <section class="card stack" aria-labelledby="photos">
              <h2 class="title" id="photos">
                {t("case.photos", { count: count(dossier.attachments.length) })}
              </h2>
              {dossier.attachments.length > 0 ? (
                <Photos photos={dossier.attachments} />
              ) : (
                <p class="small">{t("case.noPhotos")}</p>
              )}
            </section>
            <Records records={dossier.records} />
          </div>
          <aside aria-label={t("act.title")}>
            <Actions dossier={dossier} />
            <section class="card">
              <Facts
                of={[
                  [
                    t("case.deadline"),
                    <>
                      {line.dueMs !== undefined && date(line.dueMs)} <DueBadge line={line} />
                    </>,
                  ],
                  [t("case.custody"), t(`custodian.${line.custodian}`)],
                  [
                    t("case.confirmation"),
                    dossier.confirmation
                      ? t(`grade.${dossier.confirmation}`)
                      : t("case.unconfirmed"),
                  ],
                  [t("case.slip"), <span class="code">{line.sendSlipNo || "—"}</span>],
                  [t("case.item"), <span class="code">{line.itemId || "—"}</span>],
                  [t("case.seal"), <span class="code">{dossier.sealNo || "—"}</span>],
                  [t("case.money"), money(line.moneyDong)],
                ]}
              />
            </section>
          </aside>
        </div>
      )}
    </Page>
  );
}
