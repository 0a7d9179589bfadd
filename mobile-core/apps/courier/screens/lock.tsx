import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Icon } from "../../shared/icons";
import { CoreProblem } from "../../shared/problem";
import { address, go } from "../../shared/router";
import { Button, Notice, Screen } from "../../shared/ui";
import { t } from "../texts";
import { core, type Status } from "../core";
import { Revoked } from "./sync";

/** Chosen so that a thumb in a glove hits them; the length is the core's to judge. */
const PIN_DIGITS_MAX = 12;
const PIN_DIGITS_MIN = 6;

function Keypad(props: { pin: string; onPin: (pin: string) => void }): JSX.Element {
  const press = (digit: string) => {
    if (props.pin.length < PIN_DIGITS_MAX) props.onPin(props.pin + digit);
  };
  useEffect(() => {
    const typed = (event: KeyboardEvent) => {
      if (/^\d$/.test(event.key)) press(event.key);
      if (event.key === "Backspace") props.onPin(props.pin.slice(0, -1));
    };
    addEventListener("keydown", typed);
    return () => removeEventListener("keydown", typed);
  }, [props.pin]);
  return (
    <>
      <div class="dots" role="status" aria-label={t("lock.typed", { count: props.pin.length })}>
        {Array.from({ length: Math.max(PIN_DIGITS_MIN, props.pin.length) }, (_, i) => (
          <i key={i} class={i < props.pin.length ? "on" : ""} />
        ))}
      </div>
      <div class="digits">
        {["1", "2", "3", "4", "5", "6", "7", "8", "9"].map((digit) => (
          <button key={digit} type="button" class="button" onClick={() => press(digit)}>
            {digit}
          </button>
        ))}
        <span />
        <button type="button" class="button" onClick={() => press("0")}>
          0
        </button>
        <button
          type="button"
          class="button"
          aria-label={t("lock.erase")}
          onClick={() => props.onPin(props.pin.slice(0, -1))}
        >
          <Icon name="erase" />
        </button>
      </div>
    </>
  );
}

export function Unlock({ status }: { status: Status }): JSX.Element {
  const [pin, setPin] = useState("");
  const [problem, setProblem] = useState<unknown>();
  const open = async () => {
    setProblem(undefined);
    try {
      await core.unlock(pin);
    } catch (error) {
      setProblem(error);
      setPin("");
    }
  };
  return (
    <Screen
      title={t("lock.title")}
      action={
        <Button
          kind="primary"
          big
          disabled={pin.length < PIN_DIGITS_MIN}
          onPress={open}
          working={t("lock.opening")}
        >
          {t("lock.open")}
        </Button>
      }
    >
      <Revoked of={status} />
      <p class="small">{t("lock.why")}</p>
      {problem !== undefined && <CoreProblem of={problem} />}
      <Keypad pin={pin} onPin={setPin} />
    </Screen>
  );
}

/** The first PIN, or another one: typed twice. */
export function ChoosePin(props: {
  onChosen: (pin: string) => Promise<void>;
  back?: { href: string; label: string };
}): JSX.Element {
  const [first, setFirst] = useState<string>();
  const [pin, setPin] = useState("");
  const [differs, setDiffers] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const next = async () => {
    setProblem(undefined);
    setDiffers(false);
    if (first === undefined) {
      setFirst(pin);
      setPin("");
      return;
    }
    if (pin !== first) {
      setDiffers(true);
      setFirst(undefined);
      setPin("");
      return;
    }
    try {
      await props.onChosen(pin);
    } catch (error) {
      setProblem(error);
      setFirst(undefined);
      setPin("");
    }
  };
  return (
    <Screen
      title={first === undefined ? t("pin.choose") : t("pin.again")}
      back={props.back}
      action={
        <Button
          kind="primary"
          big
          disabled={pin.length < PIN_DIGITS_MIN}
          onPress={next}
          working={t("pin.saving")}
        >
          {t("next")}
        </Button>
      }
    >
      <p class="small">{first === undefined ? t("pin.why") : t("pin.againWhy")}</p>
      {differs && (
        <Notice tone="bad" live>
          <p>{t("pin.differs")}</p>
        </Notice>
      )}
      {problem !== undefined && <CoreProblem of={problem} />}
      <Keypad pin={pin} onPin={setPin} />
    </Screen>
  );
}

/** The PIN in use first: a phone left open must not be taken over by a new one. */
export function ChangePin(): JSX.Element {
  const [now, setNow] = useState<string>();
  const [pin, setPin] = useState("");
  const back = { href: address("settings"), label: t("settings.title") };
  if (now !== undefined) {
    return (
      <ChoosePin
        back={back}
        onChosen={async (next) => {
          await core.setPin(next, now);
          go("settings");
        }}
      />
    );
  }
  return (
    <Screen
      title={t("pin.now")}
      back={back}
      action={
        <Button
          kind="primary"
          big
          disabled={pin.length < PIN_DIGITS_MIN}
          onPress={() => setNow(pin)}
        >
          {t("next")}
        </Button>
      }
    >
      <p class="small">{t("pin.nowWhy")}</p>
      <Keypad pin={pin} onPin={setPin} />
    </Screen>
  );
}
