import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { CoreProblem } from "../../shared/problem";
import { Scanner } from "../../shared/scanner";
import { Button, Notice, Screen, TextField } from "../../shared/ui";
import { setLanguage, useLanguage } from "../../shared/i18n";
import { core, words, type Status } from "../core";
import { scannerTexts, t } from "../texts";
import { startTraining } from "../training";
import { Revoked } from "./sync";

function LanguageSwitch(): JSX.Element {
  const language = useLanguage();
  return (
    <button
      type="button"
      class="button quiet"
      lang={language === "vi" ? "en" : "vi"}
      onClick={() => setLanguage(language === "vi" ? "en" : "vi")}
    >
      {language === "vi" ? "English" : "Tiếng Việt"}
    </button>
  );
}

/** Before anything: what this is, and one way in. */
export function Welcome(props: { status: Status; onBegin: () => void }): JSX.Element {
  return (
    <Screen
      title="Tận Nhà"
      aside={<LanguageSwitch />}
      action={
        <Button kind="primary" big onPress={props.onBegin}>
          {t("welcome.begin")}
        </Button>
      }
    >
      <Revoked of={props.status} />
      <img src="icon.svg" alt="" width="96" height="96" style="border-radius:1.5rem" />
      <p class="lead">{t("welcome.lead")}</p>
      <ul class="stack">
        {(["welcome.offline", "welcome.saved", "welcome.locked"] as const).map((key) => (
          <li key={key} class="card">
            {t(key)}
          </li>
        ))}
      </ul>
      <Button icon="school" onPress={startTraining}>
        {t("training.first")}
      </Button>
    </Screen>
  );
}

/** The ticket is shown by the dispatcher as a QR code, or sent as a link. */
export function Enrol({ status }: { status: Status }): JSX.Element {
  const [scanning, setScanning] = useState(false);
  const [link, setLink] = useState("");
  const [problem, setProblem] = useState<unknown>();
  const enrol = async (text: string) => {
    setProblem(undefined);
    setScanning(false);
    try {
      await core.enrol(text.trim());
    } catch (error) {
      setProblem(error);
    }
  };
  return (
    <Screen
      title={t("enrol.title")}
      aside={<LanguageSwitch />}
      action={
        link.trim() !== "" ? (
          <Button kind="primary" big onPress={() => enrol(link)} working={t("enrol.working")}>
            {t("enrol.use")}
          </Button>
        ) : (
          <Button kind="primary" big icon="scan" onPress={() => setScanning(!scanning)}>
            {scanning ? t("scan.stop") : t("enrol.scan")}
          </Button>
        )
      }
    >
      <Revoked of={status} />
      <p>{t("enrol.lead")}</p>
      {problem !== undefined && <CoreProblem of={problem} />}
      {status.syncing && <Notice tone="note" icon="sync" title={t("enrol.working")} live />}
      {status.syncError && !status.syncing && (
        <Notice tone="bad" live>
          <p>{words(status.syncError)}</p>
        </Notice>
      )}
      {scanning && (
        <Scanner kind="qr" texts={scannerTexts("enrol.hint")} onCode={(code) => enrol(code.text)} />
      )}
      <TextField
        label={t("enrol.link")}
        value={link}
        onInput={setLink}
        onSave={setLink}
        hint={t("enrol.linkHint")}
      />
      <Button icon="school" onPress={startTraining}>
        {t("training.first")}
      </Button>
    </Screen>
  );
}
