import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useAsked } from "../../shared/core";
import { date } from "../../shared/format";
import { setLanguage, useLanguage } from "../../shared/i18n";
import { CoreProblem } from "../../shared/problem";
import { request } from "../../shared/request";
import { chosenTheme, setTheme, type Theme } from "../../shared/theme";
import { Button, Choices, Facts, Notice } from "../../shared/ui";
import { Page } from "../layout";
import { t } from "../texts";
import { PinField } from "./gate";

function ChangePin(): JSX.Element {
  const [now, setNow] = useState("");
  const [next, setNext] = useState("");
  const [again, setAgain] = useState("");
  const [done, setDone] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const change = async () => {
    setProblem(undefined);
    setDone(false);
    try {
      await request("setPin", { now, next });
      setDone(true);
    } catch (caught) {
      setProblem(caught);
    }
    for (const clear of [setNow, setNext, setAgain]) clear("");
  };
  return (
    <form class="card stack" onSubmit={(event) => event.preventDefault()}>
      <h2 class="title">{t("settings.pin")}</h2>
      {problem !== undefined && <CoreProblem of={problem} />}
      {done && (
        <Notice tone="good" live>
          <p>{t("settings.pinDone")}</p>
        </Notice>
      )}
      <PinField label={t("settings.pinNow")} value={now} onInput={setNow} />
      <PinField label={t("settings.pinNext")} value={next} onInput={setNext} fresh />
      <PinField label={t("first.again")} value={again} onInput={setAgain} fresh />
      <div class="row">
        <Button submit disabled={now === "" || next === "" || next !== again} onPress={change}>
          {t("settings.pinSave")}
        </Button>
      </div>
    </form>
  );
}

export function Settings(): JSX.Element {
  const language = useLanguage();
  const [theme, setShown] = useState<Theme>(chosenTheme());
  const { value: now } = useAsked(() => request("status"));
  return (
    <Page at="settings" title={t("settings.title")}>
      <div class="stack" style="max-width:34rem;gap:1.25rem">
        {now?.me && (
          <section class="card stack">
            <h2 class="title">{t("settings.me")}</h2>
            <Facts
              of={[
                [t("settings.label"), now.me.label],
                [t("settings.unit"), now.me.unit],
                [t("settings.tenant"), now.me.tenantName],
                [t("settings.server"), <span class="code">{now.server}</span>],
                [t("settings.until"), date(now.me.certificateUntilMs)],
              ]}
            />
            <div class="row">
              <Button icon="lock" onPress={() => request("lock")}>
                {t("nav.lock")}
              </Button>
            </div>
          </section>
        )}
        <Choices
          legend={t("settings.language")}
          short
          value={language}
          onChange={setLanguage}
          options={[
            { value: "vi", label: "Tiếng Việt" },
            { value: "en", label: "English" },
          ]}
        />
        <Choices
          legend={t("settings.theme")}
          short
          value={theme}
          onChange={(next) => {
            setTheme(next);
            setShown(next);
          }}
          options={(["auto", "light", "dark", "contrast"] as const).map((value) => ({
            value,
            label: t(`theme.${value}`),
          }))}
        />
        <ChangePin />
      </div>
    </Page>
  );
}
