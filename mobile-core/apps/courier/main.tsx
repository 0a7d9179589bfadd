import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { watchBackground } from "../shared/background";
import { CoreProblem } from "../shared/problem";
import { resume, usePlace, type Place } from "../shared/router";
import { startApp } from "../shared/shell";
import { Button, Waiting } from "../shared/ui";
import { core, status, useAsked, type Status } from "./core";
import { watchLink } from "./link";
import { Confirm, ConfirmCode, ConfirmPhones, ConfirmStatement } from "./screens/confirm";
import { Deliver } from "./screens/deliver";
import { DossierScreen } from "./screens/dossier";
import { Handover } from "./screens/handover";
import { ChangePin, ChoosePin, Unlock } from "./screens/lock";
import { Money } from "./screens/money";
import { Close, Help, More, Settings, Training } from "./screens/more";
import { Note, Owner, Supplement } from "./screens/owner";
import { Papers } from "./screens/papers";
import { Photos } from "./screens/photos";
import { Round } from "./screens/round";
import { Open, Search } from "./screens/search";
import { Seal } from "./screens/seal";
import { Slip } from "./screens/slip";
import { Sync } from "./screens/sync";
import { Enrol, Welcome } from "./screens/welcome";
import { t } from "./texts";
import { chooseStore, isTraining, isTrainingMade, makeTraining, stopTraining } from "./training";

function dossierPart(
  id: string,
  part: string | undefined,
  detail: string | undefined,
): JSX.Element {
  switch (part) {
    case "owner":
      return <Owner id={id} />;
    case "papers":
      return <Papers id={id} />;
    case "photos":
      return <Photos id={id} />;
    case "money":
      return <Money id={id} />;
    case "seal":
      return <Seal id={id} />;
    case "slip":
      return <Slip id={id} />;
    case "supplement":
      return <Supplement id={id} />;
    case "note":
      return <Note id={id} />;
    case "deliver":
      return <Deliver id={id} />;
    case "confirm":
      if (detail === "phones") return <ConfirmPhones id={id} />;
      if (detail === "code") return <ConfirmCode id={id} />;
      return detail === "statement" ? <ConfirmStatement id={id} /> : <Confirm id={id} />;
    default:
      return <DossierScreen id={id} />;
  }
}

function At({ place }: { place: Place }): JSX.Element {
  const [first = "", second, third, fourth] = place;
  switch (first) {
    case "search":
      return <Search />;
    case "open":
      return second ? <Open code={second} requested={third} /> : <Search />;
    case "dossier":
      return second ? dossierPart(second, third, fourth) : <Round />;
    case "settings":
      return second === "pin" ? <ChangePin /> : <Settings />;
    case "close":
      return <Close />;
    case "training":
      return <Training />;
    case "help":
      return <Help />;
    case "handover":
      return <Handover />;
    case "sync":
      return <Sync />;
    case "more":
      return <More />;
    default:
      return <Round />;
  }
}

/** An exercise has no PIN and no ticket: it is made at once, and opened again as it was left. */
function BeginTraining({ now }: { now: Status }): JSX.Element {
  const [problem, setProblem] = useState<unknown>();
  useEffect(() => {
    // Locked, it does not say whose it is.
    if (!now.made || !now.locked) makeTraining(now).catch(setProblem);
  }, []);
  return (
    <main>
      {problem !== undefined ? (
        <CoreProblem of={problem} />
      ) : now.made && now.locked ? (
        <Button kind="primary" big onPress={() => location.reload()}>
          {t("training.open")}
        </Button>
      ) : (
        <Waiting for={t("training.making")} />
      )}
    </main>
  );
}

/** Before the round: a PIN, then a ticket; afterwards only the PIN. */
function Gate(): JSX.Element {
  const place = usePlace();
  const [begun, setBegun] = useState(false);
  const { value: now, error } = useAsked(status);
  if (!now) {
    return (
      <main>
        {error === undefined ? <Waiting for={t("start.opening")} /> : <CoreProblem of={error} />}
      </main>
    );
  }
  if (isTraining() && !isTrainingMade(now)) return <BeginTraining now={now} />;
  if (!now.made) {
    return begun ? (
      <ChoosePin onChosen={async (pin) => void (await core.setPin(pin))} />
    ) : (
      <Welcome status={now} onBegin={() => setBegun(true)} />
    );
  }
  if (now.locked) return <Unlock status={now} />;
  if (!now.me) return <Enrol status={now} />;
  return <At key={place.join("/")} place={place} />;
}

function Inside(): JSX.Element {
  useEffect(watchLink, []);
  // Nothing of an exercise waits to be sent.
  useEffect(() => (isTraining() ? undefined : watchBackground()), []);
  return (
    <>
      {isTraining() && (
        <div class="training" role="note">
          <span>{t("training.banner")}</span>
          <Button onPress={stopTraining}>{t("training.stop")}</Button>
        </div>
      )}
      <Gate />
    </>
  );
}

void startApp(chooseStore, Inside, resume());
