import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { FrameReader, framesOf } from "../../shared/frames";
import { CoreProblem } from "../../shared/problem";
import { address, replace } from "../../shared/router";
import { Scanner } from "../../shared/scanner";
import { Frames } from "../../shared/show_frames";
import { SignaturePad, type Pad } from "../../shared/signature";
import {
  Button,
  LinkButton,
  Line,
  Notice,
  Progress,
  Screen,
  TextField,
  Waiting,
} from "../../shared/ui";
import { core, useAsked, words, type Dossier, type ErrorInfo, type RecordView } from "../core";
import { scannerTexts, t } from "../texts";

/** Why the last code that was typed for this slip did not count; nothing when none was refused. */
export function codeRefused(dossier: Dossier): ErrorInfo | undefined {
  if (dossier.confirmation || dossier.codeClaimed) return undefined;
  return dossier.records.findLast(isRefusedCode)?.why;
}

/** A code that was not the one sent: said where one confirms, and of no more weight than that. */
export function isRefusedCode({ type, verdict, why }: RecordView): boolean {
  return type === "confirmed" && verdict === "refused" && why?.error.startsWith("code_") === true;
}

/** The strongest way first; grades are shown and never raised by anyone. */
export function Confirm({ id }: { id: string }): JSX.Element {
  const { value: door, error } = useAsked(() => core.door(id), [id]);
  const given = door?.dossier.confirmation;
  const claimed = door?.dossier.codeClaimed;
  const refused = door && codeRefused(door.dossier);
  return (
    <Screen
      title={t("step.confirm")}
      back={{ href: address("dossier", id), label: t("back.dossier") }}
      action={
        (given || claimed) && (
          <LinkButton kind="primary" big href={address("dossier", id)}>
            {t("done")}
          </LinkButton>
        )
      }
    >
      {error !== undefined && <CoreProblem of={error} />}
      {!door && error === undefined && <Waiting for={t("dossier.reading")} />}
      {given && (
        <Notice tone="good" title={t("confirm.given")}>
          <p>{t(`grade.${given}`)}</p>
        </Notice>
      )}
      {claimed && !given && (
        <Notice tone="wait" title={t("code.claimed")}>
          <p>{t("code.claimedWhy")}</p>
        </Notice>
      )}
      {refused && (
        <Notice tone="bad" title={t("code.refused")}>
          <p>{words(refused)}</p>
        </Notice>
      )}
      {door && !given && (
        <>
          <p>{t("confirm.lead")}</p>
          <ul class="card flush lines">
            <li>
              <Line
                icon="phone"
                href={address("dossier", id, "confirm", "phones")}
                title={t("confirm.phones")}
                below={t("confirm.phonesWhy")}
              />
            </li>
            {door.dossier.codeSent && !claimed && (
              <li>
                <Line
                  icon="key"
                  href={address("dossier", id, "confirm", "code")}
                  title={t("code.title")}
                  below={t("code.below")}
                />
              </li>
            )}
            <li>
              <Line
                icon="pen"
                href={address("dossier", id, "confirm", "statement")}
                title={t("confirm.statement")}
                below={t("confirm.statementWhy")}
              />
            </li>
          </ul>
        </>
      )}
    </Screen>
  );
}

/** Two phones, no network: ours shows the slip, theirs signs it and shows the answer. */
export function ConfirmPhones({ id }: { id: string }): JSX.Element {
  const { value: frames, error } = useAsked(async () => {
    const { sealed } = await core.dossier(id);
    return sealed === undefined ? undefined : framesOf(await core.makeParcel([sealed]));
  }, [id]);
  const reader = useRef(new FrameReader());
  const [reading, setReading] = useState(false);
  const [progress, setProgress] = useState<{ done: number; of: number }>();
  const [problem, setProblem] = useState<unknown>();
  const take = async (text: string) => {
    setProblem(undefined);
    try {
      const whole = reader.current.take(text);
      setProgress({ done: reader.current.done, of: reader.current.of });
      if (whole === undefined) return;
      await core.takeParcel(whole);
      replace("dossier", id, "confirm");
    } catch (caught) {
      setProblem(caught);
    }
  };
  return (
    <Screen
      title={t("confirm.phones")}
      back={{ href: address("dossier", id, "confirm"), label: t("back.confirm") }}
      action={
        <Button
          kind="primary"
          big
          icon={reading ? "back" : "scan"}
          onPress={() => setReading(!reading)}
        >
          {reading ? t("confirm.showAgain") : t("confirm.read")}
        </Button>
      }
    >
      {error !== undefined && <CoreProblem of={error} />}
      {problem !== undefined && <CoreProblem of={problem} />}
      {!reading && (
        <>
          <p class="lead">{t("confirm.show")}</p>
          {frames ? (
            <Frames frames={frames} label={t("confirm.frames")} />
          ) : (
            error === undefined && <Waiting for={t("confirm.making")} />
          )}
        </>
      )}
      {reading && (
        <>
          <p class="lead">{t("confirm.readLead")}</p>
          <Scanner
            kind="qr"
            texts={scannerTexts("confirm.readHint")}
            onCode={(code) => take(code.text)}
          />
          {progress && progress.of > 0 && (
            <Progress label={t("confirm.parts", progress)} done={progress.done} of={progress.of} />
          )}
        </>
      )}
    </Screen>
  );
}

/** The citizen reads out what they were sent; whether it is right, only the registry knows. */
export function ConfirmCode({ id }: { id: string }): JSX.Element {
  const { value: door, error } = useAsked(() => core.door(id), [id]);
  const [code, setCode] = useState("");
  const [problem, setProblem] = useState<unknown>();
  const digits = code.replace(/\s/g, "");
  const confirm = async () => {
    setProblem(undefined);
    try {
      await core.confirmByCode(id, digits);
      replace("dossier", id, "confirm");
    } catch (caught) {
      setProblem(caught);
    }
  };
  return (
    <Screen
      title={t("code.title")}
      back={{ href: address("dossier", id, "confirm"), label: t("back.confirm") }}
      action={
        <Button
          kind="primary"
          big
          icon="check"
          disabled={!/^\d{6}$/.test(digits)}
          onPress={confirm}
        >
          {t("confirm.sign")}
        </Button>
      }
    >
      {error !== undefined && <CoreProblem of={error} />}
      {problem !== undefined && <CoreProblem of={problem} />}
      <p>
        {t("code.lead", {
          name: door?.dossier.line.owner || "…",
          slip: door?.dossier.line.sendSlipNo || "…",
        })}
      </p>
      <TextField
        label={t("code.field")}
        mode="numeric"
        value={code}
        onInput={setCode}
        onSave={setCode}
        hint={t("code.hint")}
      />
      <p class="small">{t("code.later")}</p>
    </Screen>
  );
}

/** The weakest: the courier says so, and the citizen's drawn signature is kept as an image. */
export function ConfirmStatement({ id }: { id: string }): JSX.Element {
  const { value: door, error } = useAsked(() => core.door(id), [id]);
  const pad = useRef<Pad>(undefined);
  const [signed, setSigned] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const confirm = async () => {
    setProblem(undefined);
    try {
      const jpeg = await pad.current!.jpeg();
      await core.confirmByStatement(id, new Blob([jpeg as BlobPart], { type: "image/jpeg" }));
      replace("dossier", id, "confirm");
    } catch (caught) {
      setProblem(caught);
    }
  };
  return (
    <Screen
      title={t("confirm.statement")}
      back={{ href: address("dossier", id, "confirm"), label: t("back.confirm") }}
      action={
        <Button kind="primary" big icon="check" disabled={!signed} onPress={confirm}>
          {t("confirm.sign")}
        </Button>
      }
    >
      {error !== undefined && <CoreProblem of={error} />}
      {problem !== undefined && <CoreProblem of={problem} />}
      <p>
        {t("confirm.statementText", {
          name: door?.dossier.line.owner || "…",
          slip: door?.dossier.line.sendSlipNo || "…",
        })}
      </p>
      <SignaturePad
        label={t("confirm.pad")}
        onReady={(ready) => (pad.current = ready)}
        onInk={setSigned}
      />
      <Button icon="cross" disabled={!signed} onPress={() => pad.current?.clear()}>
        {t("confirm.clear")}
      </Button>
      <p class="small">{t("confirm.image")}</p>
    </Screen>
  );
}
