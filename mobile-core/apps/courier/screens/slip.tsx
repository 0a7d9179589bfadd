import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { CoreProblem } from "../../shared/problem";
import { QrCode } from "../../shared/qr";
import { address } from "../../shared/router";
import { Button, Facts, LinkButton, Notice, Screen, Waiting } from "../../shared/ui";
import { core, useAsked, type Dossier } from "../core";
import type { PrintProblem } from "../printing/printer";
import {
  countsOf,
  SLIP_NOTE,
  SLIP_SIGNERS,
  SLIP_TITLE,
  slipFacts,
  TRAINING_WARNING,
} from "../slip_words";
import { t } from "../texts";
import { isTraining } from "../training";

/** Through what the phone prints with: a sheet, or the roll of a receipt printer. */
function printOn(paper: "a5" | "roll"): void {
  if (paper === "roll") {
    const page = document.createElement("style");
    // Of a roll the browser must be told some length; what a slip needs more follows on the next.
    page.textContent = "@page{size:58mm 210mm;margin:3mm 5mm}";
    document.head.append(page);
    document.documentElement.dataset["paper"] = paper;
    const end = () => {
      page.remove();
      delete document.documentElement.dataset["paper"];
    };
    addEventListener("afterprint", end, { once: true });
  }
  print();
}

/** A receipt printer over Bluetooth; everything about it is loaded only here. */
function ReceiptPrinter({ dossier }: { dossier: Dossier }): JSX.Element {
  const [said, setSaid] = useState<PrintProblem | "done" | "code">();
  const send = async (another: boolean) => {
    setSaid(undefined);
    const code = await import("../printing/print_slip").catch(() => undefined);
    if (!code) return setSaid("code");
    try {
      await code.printSlip(dossier, isTraining(), another);
      setSaid("done");
    } catch (error) {
      if (!(error instanceof code.PrintError)) throw error;
      setSaid(error.why);
    }
  };
  return (
    <>
      {said !== undefined && (
        <Notice tone={said === "done" ? "good" : said === "unchosen" ? "plain" : "wait"} live>
          <p>{t(`print.${said}`)}</p>
          {said !== "none" && said !== "code" && (
            <Button onPress={() => send(true)}>{t("print.another")}</Button>
          )}
        </Notice>
      )}
      <Button icon="print" onPress={() => send(false)} working={t("print.sending")}>
        {t("print.bluetooth")}
      </Button>
    </>
  );
}

function Paper({ dossier }: { dossier: Dossier }): JSX.Element {
  const { line } = dossier;
  return (
    <article class="card stack slip" lang="vi">
      {isTraining() && <p class="void">{TRAINING_WARNING}</p>}
      <p class="label" style="text-align:center">
        {SLIP_TITLE}
      </p>
      <p class="figure code" style="text-align:center;font-size:1.375rem">
        {line.sendSlipNo}
      </p>
      <QrCode little text={line.sendSlipNo} label={t("slip.code", { number: line.sendSlipNo })} />
      <Facts of={slipFacts(dossier)} />
      <h2 class="label">Thủ tục</h2>
      <p>
        {line.procedureName} <span class="code">({line.procedure})</span>
      </p>
      <h2 class="label">Giấy tờ gửi kèm</h2>
      <ol class="stack tight">
        {dossier.documents.map((one, index) => (
          <li key={one.line + one.title}>
            {index + 1}. {one.title}
            <span class="small"> — {countsOf(one)}</span>
          </li>
        ))}
      </ol>
      <p class="small">{SLIP_NOTE}</p>
      <div class="signatures">
        {SLIP_SIGNERS.map((who) => (
          <p key={who}>{who}</p>
        ))}
      </div>
      {isTraining() && <p class="void">{TRAINING_WARNING}</p>}
    </article>
  );
}

/** Phiếu gửi hồ sơ: on the screen for the citizen, and on paper where there is a printer. */
export function Slip({ id }: { id: string }): JSX.Element {
  const { value: door, error } = useAsked(() => core.door(id), [id]);
  const dossier = door?.dossier;
  return (
    <Screen
      title={t("slip.title")}
      back={{ href: address("dossier", id), label: t("back.dossier") }}
      action={
        dossier &&
        (dossier.confirmation || dossier.codeClaimed ? (
          <LinkButton kind="primary" big href={address()}>
            {t("slip.next")}
          </LinkButton>
        ) : (
          <LinkButton kind="primary" big icon="pen" href={address("dossier", id, "confirm")}>
            {t("next.confirm")}
          </LinkButton>
        ))
      }
    >
      {error !== undefined && <CoreProblem of={error} />}
      {!door && error === undefined && <Waiting for={t("dossier.reading")} />}
      {dossier && !dossier.sealed && <p>{t("slip.none")}</p>}
      {dossier?.sealed && (
        <>
          <Paper dossier={dossier} />
          <div class="unprinted stack">
            <Button icon="print" onPress={() => printOn("a5")}>
              {t("print.sheet")}
            </Button>
            <Button icon="print" onPress={() => printOn("roll")}>
              {t("print.roll")}
            </Button>
            <ReceiptPrinter dossier={dossier} />
          </div>
        </>
      )}
    </Screen>
  );
}
