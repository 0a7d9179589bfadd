import type { ComponentChildren, JSX } from "preact";
import { useEffect, useId, useState } from "preact/hooks";
import { act, words, type Status } from "../../shared/core";
import { CoreProblem } from "../../shared/problem";
import { request } from "../../shared/request";
import { LanguageSwitch } from "../../shared/shell";
import { Button, Notice } from "../../shared/ui";
import { t } from "../texts";

/** A PIN typed on a keyboard; its rules are the core's. */
export function PinField(props: {
  label: string;
  value: string;
  onInput: (value: string) => void;
  first?: boolean;
  fresh?: boolean;
}): JSX.Element {
  const id = useId();
  return (
    <div class="field">
      <label class="label" for={id}>
        {props.label}
      </label>
      <input
        id={id}
        type="password"
        inputMode="numeric"
        value={props.value}
        autofocus={props.first}
        autocomplete={props.fresh ? "new-password" : "current-password"}
        onInput={(event) => props.onInput(event.currentTarget.value)}
      />
    </div>
  );
}

function GatePage(props: {
  title: string;
  lead: string;
  submit?: string;
  ready?: boolean;
  working?: string;
  onSubmit?: () => Promise<unknown>;
  children?: ComponentChildren;
}): JSX.Element {
  const [problem, setProblem] = useState<unknown>();
  useEffect(() => void (document.title = props.title + " · Tận Nhà"), [props.title]);
  const submit = async () => {
    setProblem(undefined);
    try {
      await props.onSubmit!();
    } catch (caught) {
      setProblem(caught);
    }
  };
  return (
    <main class="gate">
      <div class="row between">
        <img src="icon.svg" alt="" width="56" height="56" style="border-radius:.875rem" />
        <LanguageSwitch />
      </div>
      <h1>{props.title}</h1>
      <p>{props.lead}</p>
      {problem !== undefined && <CoreProblem of={problem} />}
      <form class="stack" onSubmit={(event) => event.preventDefault()}>
        {props.children}
        {props.submit && (
          <Button
            kind="primary"
            big
            submit
            disabled={props.ready === false}
            onPress={submit}
            working={props.working ?? props.submit}
          >
            {props.submit}
          </Button>
        )}
      </form>
    </main>
  );
}

/** There is no password that a server could lose: the PIN opens the key, here and nowhere else. */
export function SignIn(): JSX.Element {
  const [pin, setPin] = useState("");
  return (
    <GatePage
      title={t("sign.title")}
      lead={t("sign.lead")}
      submit={t("sign.in")}
      working={t("sign.working")}
      ready={pin !== ""}
      onSubmit={async () => {
        const typed = pin;
        setPin("");
        await act("unlock", { pin: typed });
      }}
    >
      <PinField label={t("sign.pin")} value={pin} onInput={setPin} first />
    </GatePage>
  );
}

export function First(): JSX.Element {
  const [pin, setPin] = useState("");
  const [again, setAgain] = useState("");
  const differs = again !== "" && !pin.startsWith(again) && again !== pin;
  return (
    <GatePage
      title={t("first.title")}
      lead={t("first.lead")}
      submit={t("first.save")}
      ready={pin !== "" && pin === again}
      onSubmit={() => act("setPin", { next: pin })}
    >
      <PinField label={t("first.pin")} value={pin} onInput={setPin} first fresh />
      <PinField label={t("first.again")} value={again} onInput={setAgain} fresh />
      {differs && (
        <Notice tone="bad" live>
          <p>{t("first.differs")}</p>
        </Notice>
      )}
    </GatePage>
  );
}

export function Enrol({ now }: { now: Status }): JSX.Element {
  const id = useId();
  const [link, setLink] = useState("");
  return (
    <GatePage
      title={t("enrol.title")}
      lead={t("enrol.lead")}
      submit={t("enrol.use")}
      ready={link.trim() !== "" && !now.syncing}
      onSubmit={() => request("enrol", { link: link.trim() })}
    >
      {now.syncing && <Notice tone="note" icon="sync" title={t("enrol.working")} live />}
      {now.syncError && !now.syncing && (
        <Notice tone="bad" live>
          <p>{words(now.syncError)}</p>
        </Notice>
      )}
      <div class="field">
        <label class="label" for={id}>
          {t("enrol.link")}
        </label>
        <input
          id={id}
          type="url"
          value={link}
          autocomplete="off"
          spellcheck={false}
          onInput={(event) => setLink(event.currentTarget.value)}
        />
      </div>
    </GatePage>
  );
}

export function OtherRole(): JSX.Element {
  return <GatePage title={t("role.title")} lead={t("role.why")} />;
}
