import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { DossierLine, Stage } from "../../../web/api";
import { count, date } from "../../shared/format";
import { CoreProblem } from "../../shared/problem";
import { address } from "../../shared/router";
import { Badge, LinkButton, Notice, Waiting, type Tone } from "../../shared/ui";
import { useBags, useQueue } from "../core";
import { daysUntil, groupOf, groups, type Group } from "../due";
import { Page } from "../layout";
import { stageTone, t } from "../texts";

const groupTone: Readonly<Record<Group, Tone>> = {
  overdue: "bad",
  today: "wait",
  none: "note",
  week: "plain",
  later: "plain",
};

export function DueBadge({ line }: { line: DossierLine }): JSX.Element {
  if (line.dueMs === undefined) return <Badge tone="note">{t("due.none")}</Badge>;
  const now = Date.now();
  const days = daysUntil(line.dueMs, now);
  const text =
    days < 0
      ? t("due.over", { count: count(-days) })
      : days === 0
        ? t("due.today")
        : t("due.left", { count: count(days) });
  return <Badge tone={groupTone[groupOf(line.dueMs, now)]}>{text}</Badge>;
}

/** Without accents and capitals, so that "nguyen" finds "Nguyễn". */
function plain(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").replace(/đ/gi, "d").toLowerCase();
}

function Row({ line }: { line: DossierLine }): JSX.Element {
  return (
    <tr>
      <td class="full">
        <a class="cover" href={address("case", line.id)}>
          {line.owner || t("nameless")}
        </a>
        <span class="small">{line.procedureName}</span>
      </td>
      <td class="full">
        {line.dossierCode && <span class="code">{line.dossierCode}</span>}
        <span class="small code">{line.sendSlipNo}</span>
      </td>
      <td>
        <Badge tone={stageTone(line.stage)}>{t(`stage.${line.stage}`)}</Badge>
      </td>
      <td data-name={t("col.custody")}>{t(`custodian.${line.custodian}`)}</td>
      <td class="right">
        <DueBadge line={line} />
        {line.dueMs !== undefined && <span class="small">{date(line.dueMs)}</span>}
      </td>
    </tr>
  );
}

function Table({ lines, label }: { lines: readonly DossierLine[]; label: string }): JSX.Element {
  return (
    <table class="table queue" aria-label={label}>
      <colgroup>
        <col />
        <col class="w-code" />
        <col class="w-stage" />
        <col class="w-custody" />
        <col class="w-due" />
      </colgroup>
      <thead>
        <tr>
          <th scope="col">
            {t("col.owner")} · {t("col.procedure")}
          </th>
          <th scope="col">{t("col.code")}</th>
          <th scope="col">{t("col.stage")}</th>
          <th scope="col">{t("col.custody")}</th>
          <th scope="col" class="right">
            {t("col.due")}
          </th>
        </tr>
      </thead>
      <tbody>
        {lines.map((line) => (
          <Row key={line.id} line={line} />
        ))}
      </tbody>
    </table>
  );
}

/** "/" looks for something, the arrows go from dossier to dossier over all groups. */
function useKeys(find: { current: HTMLInputElement | null }): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.altKey || event.metaKey || document.querySelector("dialog[open]"))
        return;
      const typing = document.activeElement instanceof HTMLSelectElement;
      if (event.key === "/" && document.activeElement !== find.current) {
        event.preventDefault();
        find.current?.focus();
      } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && !typing) {
        const rows = [...document.querySelectorAll<HTMLAnchorElement>("a.cover")];
        const at = rows.indexOf(document.activeElement as HTMLAnchorElement);
        const next = rows[event.key === "ArrowDown" ? at + 1 : Math.max(0, at - 1)];
        if (!next) return;
        event.preventDefault();
        next.focus();
      }
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, []);
}

export function Queue(): JSX.Element {
  const { value: lines, error } = useQueue();
  const waiting = useBags().value?.length ?? 0;
  const [text, setText] = useState("");
  const [stage, setStage] = useState<Stage | "">("");
  const find = useRef<HTMLInputElement>(null);
  useKeys(find);
  const now = Date.now();
  const wanted = plain(text.trim());
  const shown = (lines ?? []).filter(
    (line) =>
      (stage === "" || line.stage === stage) &&
      plain(
        [line.owner, line.dossierCode, line.sendSlipNo, line.itemId, line.procedureName].join(" "),
      ).includes(wanted),
  );
  const stages = [...new Set((lines ?? []).map((line) => line.stage))];
  return (
    <Page at="" title={t("queue.title")}>
      {error !== undefined && <CoreProblem of={error} />}
      {!lines && error === undefined && <Waiting for={t("reading")} />}
      {waiting > 0 && (
        <Notice tone="note" icon="bag" title={t("queue.waitingBags", { count: count(waiting) })}>
          <div class="row">
            <LinkButton kind="primary" href={address("bags")}>
              {t("queue.openBags")}
            </LinkButton>
          </div>
        </Notice>
      )}
      {lines && lines.length > 0 && (
        <div class="tools">
          <div class="field">
            <label class="label" for="find">
              {t("queue.find")}
            </label>
            <input
              id="find"
              ref={find}
              type="search"
              value={text}
              autocomplete="off"
              aria-describedby="find-hint"
              onInput={(event) => setText(event.currentTarget.value)}
            />
            <span id="find-hint" class="small wideonly">
              {t("queue.findHint")}
            </span>
          </div>
          <div class="field narrow">
            <label class="label" for="stage">
              {t("queue.stage")}
            </label>
            <select
              id="stage"
              value={stage}
              onChange={(event) => setStage(event.currentTarget.value as Stage)}
            >
              <option value="">{t("queue.all")}</option>
              {stages.map((one) => (
                <option key={one} value={one}>
                  {t(`stage.${one}`)}
                </option>
              ))}
            </select>
            <span class="small wideonly">&nbsp;</span>
          </div>
        </div>
      )}
      {lines && shown.length === 0 && (
        <Notice tone="plain" title={t("queue.empty")}>
          <p>{t("queue.emptyWhy")}</p>
        </Notice>
      )}
      {groups.map((group) => {
        const inside = shown.filter((line) => groupOf(line.dueMs, now) === group);
        const title = t(`group.${group}`);
        return (
          inside.length > 0 && (
            <section key={group} class="card flush" aria-label={title}>
              <h2 class="grouptitle">
                {title} <Badge tone={groupTone[group]}>{count(inside.length)}</Badge>
              </h2>
              <Table lines={inside} label={title} />
            </section>
          )
        );
      })}
    </Page>
  );
}
