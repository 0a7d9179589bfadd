import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useAsked } from "../../shared/core";
import { CoreProblem } from "../../shared/problem";
import { request } from "../../shared/request";
import { address, replace } from "../../shared/router";
import { Button, LinkButton, Notice, Screen, TextField, Waiting } from "../../shared/ui";
import { dossier as ask, duty } from "../core";
import { t } from "../texts";
import { HandedOver } from "./parts";

const home = () => ({ href: address(), label: t("back") });

/** Everything that is signed stands on this page, and the button at its end. */
export function Review(): JSX.Element {
  const { value: dossier, error } = useAsked(ask);
  const [problem, setProblem] = useState<unknown>();
  const sealed = dossier && duty(dossier) === "confirm" ? dossier.sealed : undefined;
  const confirm = async () => {
    setProblem(undefined);
    try {
      await request("confirm", { sealed: sealed! });
      replace("show");
    } catch (caught) {
      setProblem(caught);
    }
  };
  return (
    <Screen
      title={t("confirm.title")}
      back={home()}
      action={
        sealed !== undefined && (
          <>
            <Button
              kind="primary"
              big
              icon="check"
              onPress={confirm}
              working={t("confirm.working")}
            >
              {t("confirm.yes")}
            </Button>
            <LinkButton kind="quiet" href={address("wrong")}>
              {t("confirm.wrong")}
            </LinkButton>
          </>
        )
      }
    >
      {error !== undefined && <CoreProblem of={error} />}
      {problem !== undefined && <CoreProblem of={problem} />}
      {!dossier && error === undefined && <Waiting for={t("reading")} />}
      {dossier && (
        <>
          <p class="lead">{t("confirm.lead")}</p>
          <HandedOver dossier={dossier} />
          <details class="card">
            <summary>{t("confirm.meaning")}</summary>
            <ul class="stack" style="padding-top:.5rem">
              {(
                ["confirm.means1", "confirm.means2", "confirm.means3", "confirm.means4"] as const
              ).map((key) => (
                <li key={key}>{t(key)}</li>
              ))}
            </ul>
          </details>
        </>
      )}
    </Screen>
  );
}

/** Not confirming is an answer too; what is wrong is written where the office reads it. */
export function Wrong(): JSX.Element {
  const { value: dossier } = useAsked(ask);
  const [text, setText] = useState("");
  const [saved, setSaved] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const send = async () => {
    setProblem(undefined);
    try {
      await request("addNote", { dossier: dossier!.line.id, text: text.trim() });
      setSaved(true);
    } catch (caught) {
      setProblem(caught);
    }
  };
  return (
    <Screen
      title={t("wrong.title")}
      back={{ href: address("confirm"), label: t("back") }}
      action={
        saved ? (
          <LinkButton kind="primary" big href={address()}>
            {t("done")}
          </LinkButton>
        ) : (
          <Button kind="primary" big disabled={text.trim() === "" || !dossier} onPress={send}>
            {t("wrong.send")}
          </Button>
        )
      }
    >
      <p class="lead">{t("wrong.lead")}</p>
      {problem !== undefined && <CoreProblem of={problem} />}
      {saved ? (
        <Notice tone="good" live>
          <p>{t("wrong.saved")}</p>
        </Notice>
      ) : (
        <TextField lines label={t("wrong.text")} value={text} onInput={setText} onSave={setText} />
      )}
    </Screen>
  );
}

export function Result(): JSX.Element {
  const { value: dossier, error } = useAsked(ask);
  const [problem, setProblem] = useState<unknown>();
  const delivered = dossier && duty(dossier) === "confirmDelivery" ? dossier.delivered : undefined;
  const confirm = async () => {
    setProblem(undefined);
    try {
      await request("confirmDelivery", { delivered: delivered! });
      replace("rate");
    } catch (caught) {
      setProblem(caught);
    }
  };
  return (
    <Screen
      title={t("result.title")}
      back={home()}
      action={
        delivered !== undefined && (
          <Button kind="primary" big icon="check" onPress={confirm} working={t("confirm.working")}>
            {t("result.yes")}
          </Button>
        )
      }
    >
      {error !== undefined && <CoreProblem of={error} />}
      {problem !== undefined && <CoreProblem of={problem} />}
      <p class="headline">{dossier?.line.procedureName}</p>
      <p class="lead">{t("result.lead")}</p>
    </Screen>
  );
}
