import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { DossierLine, ErrorInfo } from "../../../web/api";
import { useAsked, words } from "../../shared/core";
import { CoreProblem } from "../../shared/problem";
import { QrCode } from "../../shared/qr";
import { onCore, request } from "../../shared/request";
import { address } from "../../shared/router";
import { Badge, Button, Line, Notice, Waiting } from "../../shared/ui";
import { dossiers } from "../core";
import { Dialog, Page } from "../layout";
import { stageTone, t } from "../texts";

/** The link opens the citizen's page at once rather than the server's front page. */
function toCitizen(link: string): string {
  return link.replace("/#", "/apps/citizen/#");
}

/** Asks the server for a link when it opens; it is shown once and kept nowhere. */
export function Invitation({
  dossier,
  onClose,
}: {
  dossier: DossierLine;
  onClose: () => void;
}): JSX.Element {
  const [link, setLink] = useState<string>();
  const [said, setSaid] = useState<ErrorInfo>();
  const [problem, setProblem] = useState<unknown>();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    const ends = [
      onCore("linkForCitizen", (event) => {
        if (event.dossier === dossier.id) setLink(toCitizen(event.link));
      }),
      onCore("errandFailed", (event) => {
        if (event.dossier === dossier.id) setSaid(event.error);
      }),
    ];
    request("citizenLink", { dossier: dossier.id }).catch(setProblem);
    return () => {
      for (const end of ends) end();
    };
  }, [dossier.id]);
  return (
    <Dialog title={t("act.citizen")} onClose={onClose}>
      <div class="stack">
        <h2>{dossier.owner || t("nameless")}</h2>
        <p class="small">{dossier.procedureName}</p>
        {problem !== undefined && <CoreProblem of={problem} />}
        {said && (
          <Notice tone="bad" live>
            <p>{words(said)}</p>
          </Notice>
        )}
        {!link && !said && problem === undefined && <Waiting for={t("citizens.making")} />}
        {link && (
          <>
            <p>{t("citizens.show")}</p>
            <QrCode text={link} label={t("citizens.qr")} />
            {copied && (
              <Notice tone="good" live>
                <p>{t("citizens.copied")}</p>
              </Notice>
            )}
          </>
        )}
        <div class="end">
          {link && (
            <Button
              onPress={async () => {
                await navigator.clipboard.writeText(link);
                setCopied(true);
              }}
            >
              {t("citizens.copy")}
            </Button>
          )}
          <Button kind="primary" onPress={onClose}>
            {t("close")}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

/** Dossiers whose citizen has no key yet, while a confirmation by one would still come in time. */
async function unbound(): Promise<DossierLine[]> {
  const early = ["requested", "assigned", "collecting", "sealed"];
  const found: DossierLine[] = [];
  for (const line of await dossiers()) {
    if (!early.includes(line.stage)) continue;
    const { citizenBound } = await request("dossier", { dossier: line.id });
    if (!citizenBound) found.push(line);
  }
  return found;
}

export function Citizens(): JSX.Element {
  const { value: lines, error } = useAsked(unbound);
  const [inviting, setInviting] = useState<DossierLine>();
  return (
    <Page at="citizens" title={t("citizens.title")}>
      <p>{t("citizens.lead")}</p>
      {error !== undefined && <CoreProblem of={error} />}
      {!lines && error === undefined && <Waiting for={t("reading")} />}
      {lines?.length === 0 && <Notice tone="plain" title={t("citizens.empty")} />}
      {lines && lines.length > 0 && (
        <ul class="card flush lines">
          {lines.map((line) => (
            <li key={line.id} class="invite">
              <div class="grow">
                <Line
                  href={address("case", line.id)}
                  title={line.owner || t("nameless")}
                  below={line.procedureName}
                  end={<Badge tone={stageTone(line.stage)}>{t(`stage.${line.stage}`)}</Badge>}
                />
              </div>
              <div>
                <Button icon="phone" onPress={() => setInviting(line)}>
                  {t("citizens.make")}
                </Button>
              </div>
            </li>
          ))}
        </ul>
      )}
      {inviting && <Invitation dossier={inviting} onClose={() => setInviting(undefined)} />}
    </Page>
  );
}
