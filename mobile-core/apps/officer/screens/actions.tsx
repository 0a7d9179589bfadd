import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Dossier } from "../../../web/api";
import { dateTime } from "../../shared/format";
import type { IconName } from "../../shared/icons";
import { CoreProblem } from "../../shared/problem";
import { request } from "../../shared/request";
import { address } from "../../shared/router";
import { Button, Choices, LinkButton, Notice, TextField } from "../../shared/ui";
import { when } from "../../shared/core";
import { acts, type Act } from "../core";
import { Form } from "../layout";
import { t } from "../texts";
import { signer } from "./case";
import { Invitation } from "./citizens";

const icons: Readonly<Record<Act, IconName>> = {
  accept: "check",
  supplement: "list",
  forward: "go",
  refuse: "cross",
  finish: "slip",
  note: "pen",
  dispute: "alert",
};

type Closing = {
  readonly dossier: Dossier;
  readonly onDone: () => void;
  readonly onClose: () => void;
};

/** Sends a decision, and shows what the core says against it while it can still be changed. */
function useDecision(decide: () => Promise<unknown>, onDone: () => void) {
  const [problem, setProblem] = useState<unknown>();
  return {
    problem: problem === undefined ? null : <CoreProblem of={problem} />,
    submit: async () => {
      setProblem(undefined);
      try {
        await decide();
        onDone();
      } catch (caught) {
        setProblem(caught);
      }
    },
  };
}

function Accept({ dossier, onDone, onClose }: Closing): JSX.Element {
  const { problem, submit } = useDecision(
    () => request("accept", { dossier: dossier.line.id }),
    onDone,
  );
  return (
    <Form
      title={t("act.accept")}
      why={t("act.acceptWhy")}
      ready
      onSubmit={submit}
      onClose={onClose}
    >
      {problem}
    </Form>
  );
}

function Supplement({ dossier, onDone, onClose }: Closing): JSX.Element {
  const [items, setItems] = useState<readonly string[]>([""]);
  const [reason, setReason] = useState("");
  const named = items.map((item) => item.trim()).filter((item) => item !== "");
  const { problem, submit } = useDecision(
    () =>
      request("requestSupplement", {
        dossier: dossier.line.id,
        items: named,
        reason: reason.trim(),
      }),
    onDone,
  );
  const change = (at: number, text: string) =>
    setItems((before) => before.map((item, one) => (one === at ? text : item)));
  return (
    <Form
      title={t("act.supplement")}
      why={t("act.supplementWhy")}
      onClose={onClose}
      onSubmit={submit}
      ready={named.length > 0 && reason.trim() !== ""}
    >
      {problem}
      {items.map((item, at) => (
        <div class="item" key={at}>
          <div class="grow">
            <TextField
              label={t("act.item", { number: at + 1 })}
              value={item}
              onInput={(text) => change(at, text)}
              onSave={(text) => change(at, text)}
            />
          </div>
          {items.length > 1 && (
            <button
              type="button"
              class="button"
              aria-label={t("act.removeItem", { number: at + 1 })}
              onClick={() => setItems((before) => before.filter((_, one) => one !== at))}
            >
              −
            </button>
          )}
        </div>
      ))}
      <div class="row">
        <Button icon="plus" onPress={() => setItems((before) => [...before, ""])}>
          {t("act.addItem")}
        </Button>
      </div>
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

/** The decisions that are one sentence. */
const sentences = {
  forward: { why: "act.forwardWhy", label: "act.step" },
  refuse: { why: "act.refuseWhy", label: "act.reason" },
  finish: { why: "act.finishWhy", label: "act.result" },
  note: { why: "act.noteWhy", label: "act.text" },
} as const;

function Sentence({
  dossier,
  act,
  onDone,
  onClose,
}: Closing & {
  act: keyof typeof sentences;
}): JSX.Element {
  const [text, setText] = useState("");
  const { problem, submit } = useDecision(() => {
    const id = dossier.line.id;
    const said = text.trim();
    switch (act) {
      case "forward":
        return request("forward", { dossier: id, step: said });
      case "refuse":
        return request("refuse", { dossier: id, reason: said });
      case "finish":
        return request("finish", { dossier: id, result: said });
      case "note":
        return request("addNote", { dossier: id, text: said });
    }
  }, onDone);
  const { why, label } = sentences[act];
  return (
    <Form
      title={t(`act.${act}`)}
      why={t(why)}
      danger={act === "refuse"}
      ready={text.trim() !== ""}
      onSubmit={submit}
      onClose={onClose}
    >
      {problem}
      <TextField lines label={t(label)} value={text} onInput={setText} onSave={setText} />
    </Form>
  );
}

function Dispute({ dossier, onDone, onClose }: Closing): JSX.Element {
  const [link, setLink] = useState<string>();
  const [reason, setReason] = useState("");
  const { problem, submit } = useDecision(
    () =>
      request("resolveDispute", {
        dossier: dossier.line.id,
        link: link!,
        reason: reason.trim(),
      }),
    onDone,
  );
  const options = dossier.disputed.map((hash) => {
    const record = dossier.records.find((one) => one.hash === hash);
    return {
      value: hash,
      label: record ? dateTime(when(record)) : hash.slice(0, 12),
      ...(record ? { below: signer(record) } : {}),
    };
  });
  return (
    <Form
      title={t("act.dispute")}
      why={t("case.disputed")}
      onClose={onClose}
      onSubmit={submit}
      ready={link !== undefined && reason.trim() !== ""}
    >
      {problem}
      <Choices legend={t("act.link")} value={link} options={options} onChange={setLink} />
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

function AskFor({ act, ...closing }: Closing & { act: Act }): JSX.Element {
  switch (act) {
    case "accept":
      return <Accept {...closing} />;
    case "supplement":
      return <Supplement {...closing} />;
    case "dispute":
      return <Dispute {...closing} />;
    default:
      return <Sentence act={act} {...closing} />;
  }
}

export function Actions({ dossier }: { dossier: Dossier }): JSX.Element {
  const [asking, setAsking] = useState<Act | "citizen">();
  const [done, setDone] = useState(false);
  const { line } = dossier;
  const offered = acts(dossier);
  const close = () => setAsking(undefined);
  const toReturn =
    (line.stage === "result_ready" || line.stage === "refused") &&
    line.custodian === "desk" &&
    line.offer === undefined;
  const toTake = line.offerDirection === "to_desk";
  return (
    <section class="card stack" aria-labelledby="acts">
      <h2 class="title" id="acts">
        {t("act.title")}
      </h2>
      {done && (
        <Notice tone="good" live>
          <p>{t("act.done")}</p>
        </Notice>
      )}
      {offered.length === 1 && !toReturn && !toTake && <p class="small">{t("act.none")}</p>}
      <div class="acts">
        {toTake && (
          <LinkButton kind="primary" icon="bag" href={address("bags")}>
            {t("act.toBags")}
          </LinkButton>
        )}
        {toReturn && (
          <LinkButton kind="primary" icon="hand" href={address("returns")}>
            {t("act.toReturns")}
          </LinkButton>
        )}
        {offered.map((act, at) => (
          <Button
            key={act}
            icon={icons[act]}
            kind={
              at === 0 && act !== "note" ? "primary" : act === "refuse" ? "danger" : "secondary"
            }
            onPress={() => {
              setDone(false);
              setAsking(act);
            }}
          >
            {t(`act.${act}`)}
          </Button>
        ))}
        {!line.citizenBound && (
          <Button icon="phone" onPress={() => setAsking("citizen")}>
            {t("act.citizen")}
          </Button>
        )}
      </div>
      {asking === "citizen" && <Invitation dossier={line} onClose={close} />}
      {asking !== undefined && asking !== "citizen" && (
        <AskFor
          act={asking}
          dossier={dossier}
          onClose={close}
          onDone={() => {
            close();
            setDone(true);
          }}
        />
      )}
    </section>
  );
}
