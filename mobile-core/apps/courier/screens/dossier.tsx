import type { JSX } from "preact";
import { dateTime, money, phone } from "../../shared/format";
import type { IconName } from "../../shared/icons";
import { CoreProblem } from "../../shared/problem";
import { address } from "../../shared/router";
import { Badge, Facts, Line, LinkButton, Notice, Screen, Waiting } from "../../shared/ui";
import { core, only, useAsked, words, type Door } from "../core";
import { stageText, stageTone, t, type TextKey } from "../texts";
import { codeRefused, isRefusedCode } from "./confirm";

interface Step {
  readonly path: string;
  readonly icon: IconName;
  readonly title: TextKey;
  readonly done: boolean;
  readonly below: string;
}

/** What there is to do at the door, in the order in which it is convenient there. */
export function doorSteps({ dossier }: Door): Step[] {
  const { uncounted, line } = dossier;
  const pages = dossier.attachments.filter((one) => one.role === "page" || one.role === "card");
  const counted = dossier.documents.length;
  return [
    {
      path: "owner",
      icon: "card",
      title: "step.owner",
      done: only(dossier, "owner_name") !== "",
      below: only(dossier, "owner_name") || t("step.ownerNone"),
    },
    {
      path: "papers",
      icon: "list",
      title: "step.papers",
      done: counted > 0 && uncounted.length === 0,
      below:
        uncounted.length > 0
          ? t("step.papersLeft", { count: uncounted.length })
          : t("step.papersCounted", { count: counted }),
    },
    {
      path: "photos",
      icon: "camera",
      title: "step.photos",
      done: pages.length > 0,
      below: t("step.photosTaken", { count: pages.length }),
    },
    {
      path: "money",
      icon: "money",
      title: "step.money",
      done: line.moneyDong > 0,
      below: line.moneyDong > 0 ? money(line.moneyDong) : t("step.moneyNone"),
    },
    {
      path: "seal",
      icon: "seal",
      title: "step.seal",
      done: dossier.sealed !== undefined,
      below: dossier.sealed !== undefined ? dossier.sealNo : t("step.sealNone"),
    },
    {
      path: "confirm",
      icon: "pen",
      title: "step.confirm",
      done: dossier.confirmation !== undefined,
      below: dossier.confirmation
        ? t(`grade.${dossier.confirmation}`)
        : t(dossier.codeClaimed ? "code.claimed" : "step.confirmNone"),
    },
  ];
}

/** The one step that comes next, as the stage says; none when the paper is not here. */
function next(door: Door): { href: string; icon: IconName; label: string } | undefined {
  const { line } = door.dossier;
  const to = (path: string, icon: IconName, label: TextKey) => ({
    href: address("dossier", line.id, path),
    icon,
    label: t(label),
  });
  switch (line.stage) {
    case "requested":
    case "assigned":
      return {
        href: address("open", line.procedure, line.id),
        icon: "door",
        label: t("next.begin"),
      };
    case "collecting": {
      const step = doorSteps(door).find(
        (one) => !one.done && one.path !== "confirm" && one.path !== "money",
      );
      return step && to(step.path, step.icon, step.title);
    }
    case "sealed":
      return to("confirm", "pen", "next.confirm");
    case "confirmed":
      return line.custodian === "courier"
        ? { href: address("handover"), icon: "hand", label: t("next.handover") }
        : undefined;
    case "needs_supplement":
      return to("supplement", "list", "next.supplement");
    case "result_ready":
      return line.custodian === "courier"
        ? to("deliver", "door", "next.deliver")
        : { href: address("handover"), icon: "hand", label: t("next.take") };
    default:
      return undefined;
  }
}

function standing({ dossier }: Door): JSX.Element | null {
  if (dossier.line.stage === "needs_supplement") {
    return (
      <Notice tone="wait" title={t("dossier.supplement")}>
        <ul>
          {dossier.supplementItems.map((item) => (
            <li key={item}>• {item}</li>
          ))}
        </ul>
      </Notice>
    );
  }
  if (dossier.line.stage === "refused") {
    return (
      <Notice tone="bad" title={t("dossier.refused")}>
        <p>{dossier.refusalReason}</p>
      </Notice>
    );
  }
  if (dossier.line.custodian === "disputed") {
    return (
      <Notice tone="bad" title={t("dossier.disputed")}>
        <p>{t("dossier.disputedWhy")}</p>
      </Notice>
    );
  }
  const uncounted = dossier.records.filter(
    (one) => (one.verdict === "held" || one.verdict === "refused") && !isRefusedCode(one),
  );
  if (uncounted.length > 0) {
    const why = uncounted.find((one) => one.why)?.why;
    return (
      <Notice tone="wait" title={t("dossier.notCounted", { count: uncounted.length })}>
        {why && <p>{words(why)}</p>}
        <p>
          <a href={address("sync")}>{t("dossier.seeSync")}</a>
        </p>
      </Notice>
    );
  }
  return null;
}

export function DossierScreen({ id }: { id: string }): JSX.Element {
  const { value: door, error } = useAsked(() => core.door(id), [id]);
  const step = door && next(door);
  const steps = door ? doorSteps(door) : [];
  const refused = door && codeRefused(door.dossier);
  const atDoor = door && ["collecting", "sealed", "confirmed"].includes(door.dossier.line.stage);
  return (
    <Screen
      title={door ? door.dossier.line.owner || t("dossier.title") : t("dossier.title")}
      back={{ href: address(), label: t("back.round") }}
      action={
        step && (
          <LinkButton kind="primary" big icon={step.icon} href={step.href}>
            {step.label}
          </LinkButton>
        )
      }
    >
      {error !== undefined && <CoreProblem of={error} />}
      {!door && error === undefined && <Waiting for={t("dossier.reading")} />}
      {door && (
        <>
          <div class="stack tight">
            <div class="row">
              <Badge tone={stageTone(door.dossier.line.stage)}>
                {stageText(door.dossier.line.stage)}
              </Badge>
              {door.dossier.line.where.here > 0 && (
                <Badge tone="wait" icon="phone">
                  {t("sync.nOnPhone", { count: door.dossier.line.where.here })}
                </Badge>
              )}
            </div>
            <p class="lead">{door.dossier.line.procedureName}</p>
            {door.dossier.line.dossierCode && <p class="code">{door.dossier.line.dossierCode}</p>}
          </div>
          {standing(door)}
          {refused && (
            <Notice tone="bad" title={t("code.refused")}>
              <p>{words(refused)}</p>
              <LinkButton icon="pen" href={address("dossier", id, "confirm")}>
                {t("code.otherwise")}
              </LinkButton>
            </Notice>
          )}
          {atDoor && (
            <>
              <ol class="steps" aria-hidden="true">
                {steps.map((one) => (
                  <li key={one.path} class={one.done ? "done" : ""} />
                ))}
              </ol>
              <ul class="card flush lines">
                {steps.map((one) => (
                  <li key={one.path}>
                    <Line
                      href={address("dossier", id, one.path)}
                      icon={one.icon}
                      title={t(one.title)}
                      below={one.below}
                      end={
                        one.done ? (
                          <Badge tone="good" icon="check">
                            {t("step.done")}
                          </Badge>
                        ) : (
                          <Badge tone="wait">{t("step.todo")}</Badge>
                        )
                      }
                    />
                  </li>
                ))}
              </ul>
            </>
          )}
          {door.dossier.sealed && (
            <ul class="card flush lines">
              <li>
                <Line
                  icon="slip"
                  title={t("slip.title")}
                  below={door.dossier.line.sendSlipNo}
                  href={address("dossier", id, "slip")}
                />
              </li>
            </ul>
          )}
          <LinkButton icon="pen" href={address("dossier", id, "note")}>
            {t("note.title")}
          </LinkButton>
          <div class="card">
            <Facts
              of={[
                [t("dossier.phone"), phone(door.dossier.line.phone) || "—"],
                [t("dossier.address"), door.dossier.line.address || "—"],
                [t("dossier.custodian"), t(`custodian.${door.dossier.line.custodian}`)],
                ...(door.dossier.line.dueMs !== undefined
                  ? [[t("dossier.due"), dateTime(door.dossier.line.dueMs)] as const]
                  : []),
              ]}
            />
          </div>
        </>
      )}
    </Screen>
  );
}
