import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { useAsked } from "../../shared/core";
import { FrameReader, framesOf } from "../../shared/frames";
import { CoreProblem } from "../../shared/problem";
import { request } from "../../shared/request";
import { address, replace } from "../../shared/router";
import { Scanner } from "../../shared/scanner";
import { Frames } from "../../shared/show_frames";
import {
  Badge,
  Button,
  Line,
  LinkButton,
  Notice,
  Progress,
  Screen,
  TextField,
  Waiting,
} from "../../shared/ui";
import { dossier as ask, duty, ownConfirmation } from "../core";
import { scannerTexts, t } from "../texts";

const home = () => ({ href: address(), label: t("back") });

/** The three steps of confirming without a network, in their order. */
export function Phones(): JSX.Element {
  const { value: dossier, error } = useAsked(ask);
  const wants = dossier && duty(dossier);
  const done = (
    <Badge tone="good" icon="check">
      {t("done")}
    </Badge>
  );
  const hasSlip = dossier?.sealed !== undefined;
  const own = dossier && ownConfirmation(dossier);
  return (
    <Screen title={t("phones.title")} back={home()}>
      {error !== undefined && <CoreProblem of={error} />}
      <ol class="card flush lines">
        <li>
          <Line
            icon="scan"
            href={address("scan")}
            title={"1. " + t("phones.first")}
            end={hasSlip && done}
          />
        </li>
        <li>
          <Line
            icon="pen"
            href={address(wants === "confirmDelivery" ? "result" : "confirm")}
            title={"2. " + t("phones.second")}
            end={own && wants === "none" && done}
          />
        </li>
        <li>
          <Line icon="phone" href={address("show")} title={"3. " + t("phones.third")} />
        </li>
      </ol>
      <p class="small">{t("show.online")}</p>
    </Screen>
  );
}

/** Reads what the courier's phone shows: the slip, or the delivery. */
export function Scan(): JSX.Element {
  const { value: dossier } = useAsked(ask);
  const reader = useRef(new FrameReader());
  const [progress, setProgress] = useState({ done: 0, of: 0 });
  const [problem, setProblem] = useState<unknown>();
  const [other, setOther] = useState(false);
  const [text, setText] = useState("");
  const take = async (read: string) => {
    setProblem(undefined);
    setOther(false);
    try {
      const frame = read.trim();
      const whole = frame.startsWith("TNF") ? reader.current.take(frame) : frame;
      setProgress({ done: reader.current.done, of: reader.current.of });
      if (whole === undefined) return;
      const taken = await request("takeParcel", { text: whole });
      if (taken.dossier !== dossier?.line.id) return setOther(true);
      const now = await ask();
      replace(duty(now) === "confirmDelivery" ? "result" : "confirm");
    } catch (caught) {
      setProblem(caught);
    }
  };
  return (
    <Screen title={t("scan.title")} back={{ href: address("phones"), label: t("back") }}>
      <p class="lead">{t("scan.lead")}</p>
      {problem !== undefined && <CoreProblem of={problem} />}
      {other && (
        <Notice tone="bad" live>
          <p>{t("scan.other")}</p>
        </Notice>
      )}
      <Scanner kind="qr" texts={scannerTexts()} onCode={(code) => take(code.text)} />
      {progress.of > 0 && (
        <Progress label={t("scan.parts", progress)} done={progress.done} of={progress.of} />
      )}
      <details class="card">
        <summary>{t("scan.text")}</summary>
        <div class="stack">
          <TextField
            lines
            label={t("scan.text")}
            hint={t("scan.textHint")}
            value={text}
            onInput={setText}
            onSave={setText}
          />
          <Button disabled={text.trim() === ""} onPress={() => take(text)}>
            {t("scan.use")}
          </Button>
        </div>
      </details>
    </Screen>
  );
}

/** Shows the newest confirmation, for the courier who has no other way to it. */
export function Show(): JSX.Element {
  const { value: shown, error } = useAsked(async () => {
    const own = ownConfirmation(await ask());
    if (!own) return { record: undefined, frames: [] };
    const { text } = await request("makeParcel", { records: [own.hash] });
    return { record: own, frames: framesOf(text) };
  });
  return (
    <Screen
      title={t("show.title")}
      back={home()}
      action={
        <LinkButton kind="primary" big href={address()}>
          {t("done")}
        </LinkButton>
      }
    >
      {error !== undefined && <CoreProblem of={error} />}
      {!shown && error === undefined && <Waiting for={t("show.making")} />}
      {shown && !shown.record && (
        <Notice tone="plain">
          <p>{t("show.none")}</p>
        </Notice>
      )}
      {shown?.record && (
        <>
          <Notice tone="good" live>
            <p>{t("show.saved")}</p>
          </Notice>
          <p class="lead">{t("show.lead")}</p>
          <Frames frames={shown.frames} label={t("show.frames")} />
          <p class="small">{t("show.online")}</p>
        </>
      )}
    </Screen>
  );
}
