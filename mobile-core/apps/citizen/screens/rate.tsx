import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useAsked } from "../../shared/core";
import { CoreProblem } from "../../shared/problem";
import { request } from "../../shared/request";
import { address } from "../../shared/router";
import { Button, Choices, LinkButton, Notice, Screen, TextField } from "../../shared/ui";
import { dossier as ask, latest } from "../core";
import { t } from "../texts";

const marks = ["5", "4", "3", "2", "1"] as const;

export function Rate(): JSX.Element {
  const { value: dossier, error } = useAsked(ask);
  const [mark, setMark] = useState<(typeof marks)[number]>();
  const [text, setText] = useState("");
  const [problem, setProblem] = useState<unknown>();
  const rated = dossier && latest(dossier, "feedback") !== undefined;
  const send = async () => {
    setProblem(undefined);
    try {
      await request("rate", {
        dossier: dossier!.line.id,
        satisfaction: Number(mark),
        text: text.trim(),
      });
    } catch (caught) {
      setProblem(caught);
    }
  };
  return (
    <Screen
      title={t("rate.title")}
      back={{ href: address(), label: t("back") }}
      action={
        rated ? (
          <LinkButton kind="primary" big href={address()}>
            {t("done")}
          </LinkButton>
        ) : (
          <Button kind="primary" big disabled={!mark || !dossier} onPress={send}>
            {t("rate.send")}
          </Button>
        )
      }
    >
      {error !== undefined && <CoreProblem of={error} />}
      {problem !== undefined && <CoreProblem of={problem} />}
      {rated ? (
        <Notice tone="good" live>
          <p>{t("rate.thanks")}</p>
        </Notice>
      ) : (
        <>
          <p class="lead">{t("rate.lead")}</p>
          <Choices
            legend={t("rate.choice")}
            value={mark}
            onChange={setMark}
            options={marks.map((value) => ({ value, label: t(`rate.${value}`) }))}
          />
          <TextField lines label={t("rate.text")} value={text} onInput={setText} onSave={setText} />
        </>
      )}
    </Screen>
  );
}
