import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Outcome, WorkItem } from "../../../web/api";
import { words } from "../../shared/core";
import { count, dateTime } from "../../shared/format";
import { CoreProblem } from "../../shared/problem";
import { request } from "../../shared/request";
import { address } from "../../shared/router";
import { Badge, Button, Facts, LinkButton, Notice, TextField, Waiting } from "../../shared/ui";
import { when } from "../../shared/core";
import { useHeld } from "../core";
import { Form, Page } from "../layout";
import { t } from "../texts";
import { recordText } from "../texts/records";
import { signer } from "./case";

function Decide({
  item,
  outcome,
  onClose,
}: {
  item: WorkItem;
  outcome: Outcome;
  onClose: () => void;
}): JSX.Element {
  const [reason, setReason] = useState("");
  const [problem, setProblem] = useState<unknown>();
  const counts = outcome === "counts";
  const submit = async () => {
    setProblem(undefined);
    try {
      await request("adjudicate", { held: item.record.hash, outcome, reason: reason.trim() });
      onClose();
    } catch (caught) {
      setProblem(caught);
    }
  };
  return (
    <Form
      title={`${t(counts ? "work.counts" : "work.countsNot")}: ${recordText(item.record.type)}`}
      why={t(counts ? "work.countsWhy" : "work.countsNotWhy")}
      danger={!counts}
      ready={reason.trim() !== ""}
      onSubmit={submit}
      onClose={onClose}
    >
      {problem !== undefined && <CoreProblem of={problem} />}
      <TextField
        lines
        label={t("act.reason")}
        value={reason}
        onInput={setReason}
        onSave={setReason}
      />
    </Form>
  );
}

export function Work(): JSX.Element {
  const { value: held, error } = useHeld();
  const [deciding, setDeciding] = useState<{ item: WorkItem; outcome: Outcome }>();
  return (
    <Page at="work" title={t("work.title")}>
      <p>{t("work.lead")}</p>
      {error !== undefined && <CoreProblem of={error} />}
      {!held && error === undefined && <Waiting for={t("reading")} />}
      {held?.length === 0 && <Notice tone="good" title={t("work.empty")} />}
      {held?.map((item) => (
        <section
          key={item.record.hash}
          class="card stack"
          aria-label={recordText(item.record.type)}
        >
          <div class="row between">
            <h2 class="title">
              {recordText(item.record.type)}
              {item.owner && ` · ${item.owner}`}
            </h2>
            {item.officersNeeded > 0 ? (
              <Badge tone="wait">{t("work.needs", { count: count(item.officersNeeded) })}</Badge>
            ) : (
              <Badge>{t("work.waits")}</Badge>
            )}
          </div>
          {item.record.why && (
            <Notice tone="wait">
              <p>{words(item.record.why)}</p>
            </Notice>
          )}
          <Facts
            of={[
              [t("record.when"), dateTime(when(item.record))],
              [t("record.who"), signer(item.record)],
            ]}
          />
          <div class="row">
            <LinkButton href={address("case", item.dossier)}>{t("work.dossier")}</LinkButton>
            {item.officersNeeded > 0 && (
              <>
                <Button icon="check" onPress={() => setDeciding({ item, outcome: "counts" })}>
                  {t("work.counts")}
                </Button>
                <Button
                  kind="danger"
                  icon="cross"
                  onPress={() => setDeciding({ item, outcome: "does_not_count" })}
                >
                  {t("work.countsNot")}
                </Button>
              </>
            )}
          </div>
        </section>
      ))}
      {deciding && <Decide {...deciding} onClose={() => setDeciding(undefined)} />}
    </Page>
  );
}
