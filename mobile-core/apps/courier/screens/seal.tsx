import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { money } from "../../shared/format";
import { CoreProblem } from "../../shared/problem";
import { address, replace } from "../../shared/router";
import { Scanner } from "../../shared/scanner";
import { Button, Facts, LinkButton, Notice, Screen, TextField, Waiting } from "../../shared/ui";
import { core, only, useAsked } from "../core";
import { scannerTexts, t } from "../texts";

/** Looks like an item code: two letters, nine digits, two letters. */
const ITEM_CODE = /^[A-Z]{2}\s*(\d\s*){9}[A-Z]{2}$/i;

/** From here on the envelope is closed: what goes onto the slip is shown once more before that. */
export function Seal({ id }: { id: string }): JSX.Element {
  const { value: door, error } = useAsked(() => core.door(id), [id]);
  const [sealNo, setSealNo] = useState("");
  const [scanning, setScanning] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const seal = async () => {
    setProblem(undefined);
    try {
      await core.seal(id, sealNo.trim());
      replace("dossier", id, "slip");
    } catch (caught) {
      setProblem(caught);
    }
  };
  /** A seal that carries an item code has a check digit, and a misread one is noticed here. */
  const take = async (text: string) => {
    setProblem(undefined);
    try {
      if (ITEM_CODE.test(text)) await core.checkItemCode(text);
      setSealNo(text);
      setScanning(false);
    } catch (caught) {
      setProblem(caught);
    }
  };
  const papers = door?.dossier.documents ?? [];
  return (
    <Screen
      title={t("step.seal")}
      back={{ href: address("dossier", id), label: t("back.dossier") }}
      action={
        sealNo.trim() !== "" && !scanning ? (
          <Button kind="primary" big icon="seal" onPress={seal} working={t("seal.working")}>
            {t("seal.issue")}
          </Button>
        ) : (
          <Button kind="primary" big icon="scan" onPress={() => setScanning(!scanning)}>
            {scanning ? t("scan.stop") : t("seal.scan")}
          </Button>
        )
      }
    >
      {error !== undefined && <CoreProblem of={error} />}
      {problem !== undefined && <CoreProblem of={problem} />}
      {scanning && (
        <Scanner kind="item" texts={scannerTexts("seal.hint")} onCode={(code) => take(code.text)} />
      )}
      <TextField
        label={t("seal.number")}
        value={sealNo}
        upper
        onInput={setSealNo}
        onSave={setSealNo}
      />
      {!door && error === undefined && <Waiting for={t("dossier.reading")} />}
      {door && (
        <>
          {door.dossier.uncounted.length > 0 && (
            <Notice
              tone="wait"
              title={t("step.papersLeft", { count: door.dossier.uncounted.length })}
            >
              <ul>
                {door.dossier.uncounted.map((line) => (
                  <li key={line.line}>• {line.title}</li>
                ))}
              </ul>
              <LinkButton icon="list" href={address("dossier", id, "papers")}>
                {t("step.papers")}
              </LinkButton>
            </Notice>
          )}
          <div class="card stack">
            <h2 class="title">{t("seal.whatGoes")}</h2>
            <Facts
              of={[
                [t("owner.name"), only(door.dossier, "owner_name") || "—"],
                [t("slip.papers"), t("step.papersCounted", { count: papers.length })],
                [
                  t("step.photos"),
                  t("step.photosTaken", { count: door.dossier.attachments.length }),
                ],
                [t("money.total"), money(door.dossier.line.moneyDong)],
              ]}
            />
          </div>
          <p class="small">{t("seal.warning")}</p>
        </>
      )}
    </Screen>
  );
}
