import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { CoreProblem } from "../../shared/problem";
import { address, replace } from "../../shared/router";
import { SignaturePad, type Pad } from "../../shared/signature";
import { Button, Choices, Notice, Screen, Waiting } from "../../shared/ui";
import { core, useAsked } from "../core";
import { t } from "../texts";

const ATTEMPTS = 2;
const documents = ["can_cuoc", "ho_chieu", "uy_quyen"] as const;
const reasons = ["absent", "refused", "no_paper", "address"] as const;

/** The result is handed over against a paper and a signature, or the attempt is recorded. */
export function Deliver({ id }: { id: string }): JSX.Element {
  const { value: door, error } = useAsked(() => core.door(id), [id]);
  const [outcome, setOutcome] = useState<"given" | "failed">("given");
  const [paper, setPaper] = useState<(typeof documents)[number]>("can_cuoc");
  const [reason, setReason] = useState<(typeof reasons)[number]>("absent");
  const [signed, setSigned] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const pad = useRef<Pad>(undefined);
  const save = async () => {
    setProblem(undefined);
    try {
      if (outcome === "given") {
        const jpeg = await pad.current!.jpeg();
        await core.deliver(id, paper, new Blob([jpeg as BlobPart], { type: "image/jpeg" }));
      } else {
        await core.attemptDelivery(id, t(`deliver.${reason}`));
      }
      replace("dossier", id);
    } catch (caught) {
      setProblem(caught);
    }
  };
  const attempts = door?.dossier.line.deliveryAttempts ?? 0;
  return (
    <Screen
      title={t("next.deliver")}
      back={{ href: address("dossier", id), label: t("back.dossier") }}
      action={
        <Button
          kind="primary"
          big
          icon={outcome === "given" ? "check" : "clock"}
          disabled={outcome === "given" && !signed}
          onPress={save}
        >
          {t(outcome === "given" ? "deliver.save" : "deliver.saveAttempt")}
        </Button>
      }
    >
      {error !== undefined && <CoreProblem of={error} />}
      {problem !== undefined && <CoreProblem of={problem} />}
      {!door && error === undefined && <Waiting for={t("dossier.reading")} />}
      {door && <p class="lead">{door.dossier.line.owner}</p>}
      <Notice
        tone={attempts >= ATTEMPTS ? "bad" : "plain"}
        title={t("deliver.attempts", { done: attempts, of: ATTEMPTS })}
      >
        <p>{t(attempts >= ATTEMPTS ? "deliver.noMore" : "deliver.rule")}</p>
      </Notice>
      <Choices
        legend={t("deliver.outcome")}
        short
        value={outcome}
        onChange={setOutcome}
        options={[
          { value: "given", label: t("deliver.given") },
          { value: "failed", label: t("deliver.failed") },
        ]}
      />
      {outcome === "given" ? (
        <>
          <Choices
            legend={t("deliver.paper")}
            value={paper}
            onChange={setPaper}
            options={documents.map((value) => ({ value, label: t(`deliver.${value}`) }))}
          />
          <h2 class="label">{t("deliver.signature")}</h2>
          <SignaturePad
            label={t("deliver.signature")}
            onReady={(ready) => (pad.current = ready)}
            onInk={setSigned}
          />
          <Button icon="cross" disabled={!signed} onPress={() => pad.current?.clear()}>
            {t("confirm.clear")}
          </Button>
        </>
      ) : (
        <Choices
          legend={t("deliver.reason")}
          value={reason}
          onChange={setReason}
          options={reasons.map((value) => ({ value, label: t(`deliver.${value}`) }))}
        />
      )}
    </Screen>
  );
}
