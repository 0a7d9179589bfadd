import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { DossierLine } from "../../../web/api";
import { useAsked } from "../../shared/core";
import { count, dateTime } from "../../shared/format";
import { CoreProblem } from "../../shared/problem";
import { request } from "../../shared/request";
import { Scanner } from "../../shared/scanner";
import { Badge, Button, Notice, Waiting } from "../../shared/ui";
import { bags, type Bag } from "../core";
import { Form, Page } from "../layout";
import { scannerTexts, t } from "../texts";
import { signer } from "./case";

function Envelope({
  line,
  ticked,
  onTick,
}: {
  line: DossierLine;
  ticked: boolean;
  onTick: (on: boolean) => void;
}): JSX.Element {
  return (
    <label class="choice">
      <input
        type="checkbox"
        checked={ticked}
        onChange={(event) => onTick(event.currentTarget.checked)}
      />
      <span style="min-width:0">
        <span class="title" style="display:block">
          {line.owner || t("nameless")}
        </span>
        <span class="small" style="display:block">
          {line.procedureName}
        </span>
        <span class="small code" style="display:block">
          {line.itemId}
        </span>
        <span class="small code" style="display:block">
          {line.sendSlipNo}
        </span>
        {line.stage === "empty" && <Badge tone="wait">{t("bags.noData")}</Badge>}
      </span>
    </label>
  );
}

/** Every envelope is counted by hand or by its code; nothing is taken for present. */
function OneBag({ bag }: { bag: Bag }): JSX.Element {
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const [scanning, setScanning] = useState(false);
  const [code, setCode] = useState("");
  const [said, setSaid] = useState<{ tone: "good" | "bad"; text: string }>();
  const [sure, setSure] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const missing = bag.dossiers.filter((line) => !ticked.has(line.id));
  const present = bag.dossiers.length - missing.length;
  const tick = (id: string, on: boolean) =>
    setTicked((before) => {
      const next = new Set(before);
      if (on) next.add(id);
      else next.delete(id);
      return next;
    });
  const scan = async (text: string) => {
    setProblem(undefined);
    const typed = text.replace(/\s/g, "").toUpperCase();
    const found = bag.dossiers.find(
      (line) => line.itemId.toUpperCase() === typed || line.sendSlipNo.toUpperCase() === typed,
    );
    if (found && typed !== "") {
      tick(found.id, true);
      setCode("");
      return setSaid({
        tone: "good",
        text: t("bags.found", { name: found.owner || found.sendSlipNo }),
      });
    }
    setSaid({ tone: "bad", text: t("bags.unknown", { code: text }) });
    // A code that was misread is no envelope of another bag: the core tells them apart.
    await request("checkItemCode", { text: typed }).catch(setProblem);
  };
  const accept = async () => {
    setProblem(undefined);
    setSure(false);
    try {
      await request("acceptHandover", {
        offer: bag.offer,
        missing: missing.map((line) => line.id),
      });
    } catch (caught) {
      setProblem(caught);
    }
  };
  const title = t("bags.from", { who: bag.record ? signer(bag.record) : bag.offer.slice(0, 12) });
  return (
    <section class="card stack" aria-label={title}>
      <div>
        <h2 class="title">{title}</h2>
        <p class="small">
          {t("bags.count", {
            count: count(bag.dossiers.length),
            when: bag.record ? dateTime(bag.record.claimedMs) : "…",
          })}
        </p>
      </div>
      <form
        class="tools"
        onSubmit={(event) => {
          event.preventDefault();
          if (code.trim() !== "") void scan(code.trim());
        }}
      >
        <div class="field">
          <label class="label" for={"code" + bag.offer}>
            {t("bags.code")}
          </label>
          <input
            id={"code" + bag.offer}
            value={code}
            autocomplete="off"
            spellcheck={false}
            aria-describedby={"hint" + bag.offer}
            onInput={(event) => setCode(event.currentTarget.value)}
          />
          <span class="small" id={"hint" + bag.offer}>
            {t("bags.codeHint")}
          </span>
        </div>
        <div class="row" style="padding-bottom:1.75rem">
          <button type="submit" class="button" disabled={code.trim() === ""}>
            {t("bags.add")}
          </button>
          <Button icon="scan" onPress={() => setScanning(!scanning)}>
            {t(scanning ? "bags.stop" : "bags.scan")}
          </Button>
          <Button
            icon="list"
            onPress={() => setTicked(new Set(bag.dossiers.map((line) => line.id)))}
          >
            {t("bags.all")}
          </Button>
        </div>
      </form>
      {scanning && (
        <div style="max-width:26rem">
          <Scanner kind="item" texts={scannerTexts()} onCode={(read) => scan(read.text)} />
        </div>
      )}
      {said && (
        <Notice tone={said.tone} live>
          <p>{said.text}</p>
        </Notice>
      )}
      {problem !== undefined && <CoreProblem of={problem} />}
      <div class="ticks" role="group" aria-label={title}>
        {bag.dossiers.map((line) => (
          <Envelope
            key={line.id}
            line={line}
            ticked={ticked.has(line.id)}
            onTick={(on) => tick(line.id, on)}
          />
        ))}
      </div>
      <div class="row">
        <Button
          kind="primary"
          icon="check"
          disabled={present === 0}
          onPress={missing.length > 0 ? () => setSure(true) : accept}
        >
          {missing.length > 0
            ? t("bags.acceptMissing", { count: count(present), missing: count(missing.length) })
            : t("bags.accept", { count: count(present) })}
        </Button>
      </div>
      {sure && (
        <Form
          title={t("bags.sureTitle", { missing: count(missing.length) })}
          why={t("bags.sure")}
          ready
          onSubmit={accept}
          onClose={() => setSure(false)}
        >
          <ul>
            {missing.map((line) => (
              <li key={line.id}>• {line.owner || line.sendSlipNo || line.id}</li>
            ))}
          </ul>
        </Form>
      )}
    </section>
  );
}

export function Bags(): JSX.Element {
  const { value: all, error } = useAsked(bags);
  return (
    <Page at="bags" title={t("bags.title")}>
      {error !== undefined && <CoreProblem of={error} />}
      {!all && error === undefined && <Waiting for={t("reading")} />}
      {all?.length === 0 && (
        <Notice tone="plain" title={t("bags.empty")}>
          <p>{t("bags.emptyWhy")}</p>
        </Notice>
      )}
      {all && all.length > 0 && <p>{t("bags.lead")}</p>}
      {all?.map((bag) => (
        <OneBag key={bag.offer} bag={bag} />
      ))}
    </Page>
  );
}
