import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { CoreError } from "../../../web/client";
import { phone } from "../../shared/format";
import { CoreProblem } from "../../shared/problem";
import { address, go } from "../../shared/router";
import { Scanner } from "../../shared/scanner";
import { Button, LinkButton, Notice, Screen, TextField, Waiting } from "../../shared/ui";
import { core, only, useAsked, words, type Dossier } from "../core";
import { scannerTexts, t, warningText, type TextKey } from "../texts";

const fields: readonly (readonly [string, TextKey, "text" | "tel" | "numeric"])[] = [
  ["owner_name", "owner.name", "text"],
  ["owner_phone", "owner.phone", "tel"],
  ["owner_personal_number", "owner.number", "numeric"],
  ["owner_birth_date", "owner.birth", "numeric"],
  ["owner_address", "owner.address", "text"],
];

const shownAs = (name: string, value: string) => (name === "owner_phone" ? phone(value) : value);

function CapturedField(props: {
  dossier: Dossier;
  name: string;
  label: string;
  mode: "text" | "tel" | "numeric";
}): JSX.Element {
  const [error, setError] = useState<unknown>();
  const values = props.dossier.fields.find((one) => one.field === props.name)?.values ?? [];
  const save = async (value: string) => {
    if (value === "") return;
    setError(undefined);
    try {
      await core.writeField(props.dossier.line.id, props.name, value);
    } catch (caught) {
      setError(caught);
    }
  };
  const said = error === undefined ? undefined : error instanceof CoreError ? words(error) : String(error);
  return (
    <div class="stack">
      <TextField
        label={props.label}
        value={shownAs(props.name, only(props.dossier, props.name))}
        mode={props.mode}
        lines={props.name === "owner_address"}
        onSave={save}
        error={said}
      />
      {values.length > 1 && (
        <Notice tone="wait" title={t("owner.several")}>
          {values.map((one) => (
            <Button key={one} onPress={() => save(one)}>
              {one}
            </Button>
          ))}
        </Notice>
      )}
    </div>
  );
}

/** What a code says that is on no identity card: another card's, a bank's, an address. */
const OTHER_CODE = /^(card_text_fields|personal_number_)/;

function ScanProblem({ of: error }: { of: unknown }): JSX.Element {
  if (!(error instanceof CoreError && OTHER_CODE.test(error.name))) return <CoreProblem of={error} />;
  return (
    <Notice tone="bad" live>
      <p>{t("owner.otherCode")}</p>
    </Notice>
  );
}

/** The card fills the form; what it does not say is typed. Every value is saved as it is left. */
export function Owner({ id }: { id: string }): JSX.Element {
  const { value: door, error } = useAsked(() => core.door(id), [id]);
  const [scanning, setScanning] = useState(false);
  const [warnings, setWarnings] = useState<readonly string[]>([]);
  const [problem, setProblem] = useState<unknown>();
  const take = async (text: string) => {
    setProblem(undefined);
    try {
      setWarnings(await core.scanCard(id, text));
      setScanning(false);
    } catch (caught) {
      setProblem(caught);
    }
  };
  const known = door && only(door.dossier, "owner_name") !== "";
  return (
    <Screen
      title={t("step.owner")}
      back={{ href: address("dossier", id), label: t("back.dossier") }}
      action={
        known && !scanning ? (
          <LinkButton kind="primary" big icon="list" href={address("dossier", id, "papers")}>
            {t("owner.next")}
          </LinkButton>
        ) : (
          <Button kind="primary" big icon="scan" onPress={() => setScanning(!scanning)}>
            {scanning ? t("scan.stop") : t("owner.scan")}
          </Button>
        )
      }
    >
      {error !== undefined && <CoreProblem of={error} />}
      {problem !== undefined && <ScanProblem of={problem} />}
      {warnings.map((warning) => (
        <Notice key={warning} tone="wait" live>
          <p>{warningText(warning)}</p>
        </Notice>
      ))}
      {scanning && (
        <Scanner kind="qr" texts={scannerTexts("owner.hint")} onCode={(code) => take(code.text)} />
      )}
      {!door && error === undefined && <Waiting for={t("dossier.reading")} />}
      {known && !scanning && (
        <Button icon="scan" onPress={() => setScanning(true)}>
          {t("owner.scanAgain")}
        </Button>
      )}
      {door &&
        fields.map(([name, label, mode]) => (
          <CapturedField
            key={name}
            dossier={door.dossier}
            name={name}
            label={t(label)}
            mode={mode}
          />
        ))}
      <p class="small">{t("owner.notice")}</p>
    </Screen>
  );
}

/** For the office: anyone who works on the dossier reads it, and nobody can take it back. */
export function Note({ id }: { id: string }): JSX.Element {
  const [text, setText] = useState("");
  const [problem, setProblem] = useState<unknown>();
  const save = async () => {
    setProblem(undefined);
    try {
      await core.addNote(id, text);
      go("dossier", id);
    } catch (caught) {
      setProblem(caught);
    }
  };
  return (
    <Screen
      title={t("note.title")}
      back={{ href: address("dossier", id), label: t("back.dossier") }}
      action={
        <Button kind="primary" big icon="check" disabled={text.trim() === ""} onPress={save}>
          {t("note.save")}
        </Button>
      }
    >
      {problem !== undefined && <CoreProblem of={problem} />}
      <TextField
        label={t("note.text")}
        lines
        value={text}
        onInput={setText}
        onSave={setText}
        hint={t("note.hint")}
      />
    </Screen>
  );
}

/** The papers that the office has asked for are all there. */
export function Supplement({ id }: { id: string }): JSX.Element {
  const { value: door, error } = useAsked(() => core.door(id), [id]);
  const [text, setText] = useState("");
  const [problem, setProblem] = useState<unknown>();
  const done = async () => {
    setProblem(undefined);
    try {
      await core.supplement(id, text);
      go("dossier", id);
    } catch (caught) {
      setProblem(caught);
    }
  };
  return (
    <Screen
      title={t("next.supplement")}
      back={{ href: address("dossier", id), label: t("back.dossier") }}
      action={
        <Button kind="primary" big icon="check" disabled={text.trim() === ""} onPress={done}>
          {t("supplement.done")}
        </Button>
      }
    >
      {error !== undefined && <CoreProblem of={error} />}
      {problem !== undefined && <CoreProblem of={problem} />}
      <ul class="card stack">
        {door?.dossier.supplementItems.map((item) => (
          <li key={item}>• {item}</li>
        ))}
      </ul>
      <div class="row">
        <LinkButton icon="list" href={address("dossier", id, "papers")}>
          {t("step.papers")}
        </LinkButton>
        <LinkButton icon="camera" href={address("dossier", id, "photos")}>
          {t("step.photos")}
        </LinkButton>
      </div>
      <TextField
        label={t("supplement.text")}
        lines
        value={text}
        onInput={setText}
        onSave={setText}
      />
    </Screen>
  );
}
