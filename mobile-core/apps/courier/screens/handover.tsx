import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { address } from "../../shared/router";
import { keep as keepIds, kept } from "../../shared/kept";
import { CoreProblem } from "../../shared/problem";
import { Scanner } from "../../shared/scanner";
import { Badge, Button, Line, Notice, Screen, TextField, Waiting } from "../../shared/ui";
import { core, useAsked, type DossierLine } from "../core";
import { inBag, offersToMe } from "../bag";
import { Tabs } from "../tabs";
import { scannerTexts, t } from "../texts";
import { isTraining } from "../training";

/** Under this name the ids of what was counted outlive the app. */
const KEPT = isTraining() ? "training.bag" : "bag";

/** The bag is counted at the desk: an envelope counts when its code was scanned or ticked. */
export function Handover(): JSX.Element {
  const { value: bag, error } = useAsked(inBag);
  const { value: offers } = useAsked(offersToMe);
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  useEffect(() => {
    kept(KEPT).then(
      (ids) => Array.isArray(ids) && setTicked(new Set(ids as string[])),
      () => undefined,
    );
  }, []);
  const [scanning, setScanning] = useState<"item" | "seal">();
  const [last, setLast] = useState<string>();
  const [seal, setSeal] = useState("");
  const [said, setSaid] = useState<{ tone: "good" | "bad"; text: string }>();
  const [problem, setProblem] = useState<unknown>();
  const [unit, setUnit] = useState<string>();
  const units = [...new Set((bag ?? []).map((item) => item.unit))];
  const to = unit ?? units[0];
  const here = (bag ?? []).filter((item) => item.unit === to && item.offer === undefined);
  const offered = (bag ?? []).filter((item) => item.offer !== undefined);
  const chosen = here.filter((item) => ticked.has(item.id));

  const keep = (next: Set<string>) => {
    void keepIds(KEPT, [...next]).catch(() => undefined);
    setTicked(next);
  };
  const tick = (item: DossierLine, on: boolean) => {
    const next = new Set(ticked);
    if (on) next.add(item.id);
    else next.delete(item.id);
    keep(next);
  };
  const scan = async (text: string) => {
    setProblem(undefined);
    try {
      const code = text.replace(/\s/g, "").toUpperCase();
      const item = here.find((one) => one.itemId === code || one.sendSlipNo.toUpperCase() === code);
      if (item) {
        tick(item, true);
        setLast(item.id);
        setSaid({
          tone: "good",
          text: t("handover.found", { name: item.owner || item.sendSlipNo }),
        });
      } else {
        setSaid({ tone: "bad", text: t("handover.unknown", { code: text }) });
        // A code that was misread is no envelope of somebody else's: the core tells them apart.
        await core.checkItemCode(text);
      }
    } catch (caught) {
      setProblem(caught);
    }
  };
  /** The label on the envelope against the one that was recorded at the door. */
  const compare = async (text: string): Promise<boolean> => {
    setProblem(undefined);
    try {
      const plain = (seal: string) => seal.replace(/[\s.-]/g, "").toUpperCase();
      const read = plain(text);
      if (read === "") return true;
      const seals = await Promise.all(
        here.map(async (item) => ({ item, seal: (await core.dossier(item.id)).sealNo })),
      );
      const counted = seals.find(({ item }) => item.id === last);
      const owner = seals.find(({ seal }) => plain(seal) === read);
      const name = (item: DossierLine) => item.owner || item.sendSlipNo;
      if (owner && (!counted || counted.item.id === owner.item.id)) {
        tick(owner.item, true);
        setSaid({ tone: "good", text: t("handover.sealSame", { seal: owner.seal }) });
        return true;
      } else if (counted) {
        const differs = t("handover.sealDiffers", {
          name: name(counted.item),
          read: text,
          recorded: counted.seal,
        });
        const other = owner && t("handover.sealOther", { name: name(owner.item) });
        tick(counted.item, false);
        setSaid({ tone: "bad", text: other ? `${differs} ${other}` : differs });
      } else {
        setSaid({ tone: "bad", text: t("handover.unknown", { code: text }) });
      }
    } catch (caught) {
      setProblem(caught);
    }
    return false;
  };
  const comparing = useRef<Promise<boolean> | undefined>(undefined);
  const check = (text: string) => {
    const run = compare(text).finally(() => {
      if (comparing.current === run) comparing.current = undefined;
      // The next envelope's is compared too, whichever number it has.
      setSeal("");
    });
    comparing.current = run;
  };
  const offer = async () => {
    // Whoever taps here out of the field with the seal signs only when it fits.
    if (!(await (comparing.current ?? true))) return;
    setProblem(undefined);
    try {
      await core.offerHandover(
        to!,
        chosen.map((item) => item.id),
      );
      keep(new Set());
      setLast(undefined);
      setScanning(undefined);
    } catch (caught) {
      setProblem(caught);
    }
  };
  return (
    <Screen
      title={t("handover.title")}
      tabs={<Tabs at="handover" />}
      action={
        here.length > 0 && (
          <>
            <Button
              kind={chosen.length > 0 ? "secondary" : "primary"}
              big={chosen.length === 0}
              icon="scan"
              onPress={() => setScanning(scanning ? undefined : "item")}
            >
              {t(scanning ? "scan.stop" : "handover.scan")}
            </Button>
            {chosen.length > 0 && (
              <Button
                kind="primary"
                big
                icon="hand"
                onPress={offer}
                working={t("handover.signing")}
              >
                {t("handover.sign", { count: chosen.length, of: here.length })}
              </Button>
            )}
          </>
        )
      }
    >
      {error !== undefined && <CoreProblem of={error} />}
      {problem !== undefined && <CoreProblem of={problem} />}
      {!bag && error === undefined && <Waiting for={t("handover.reading")} />}
      {offers?.map((one) => (
        <Notice
          key={one.offer}
          tone="note"
          icon="bag"
          title={t("handover.results", { count: one.dossiers.length })}
        >
          <ul>
            {one.dossiers.map((item) => (
              <li key={item.id}>• {item.owner || item.id}</li>
            ))}
          </ul>
          <Button
            kind="primary"
            icon="check"
            onPress={async () => {
              setProblem(undefined);
              try {
                await core.acceptReturn(one.offer);
              } catch (caught) {
                setProblem(caught);
              }
            }}
          >
            {t("handover.take")}
          </Button>
        </Notice>
      ))}
      {scanning && (
        <Scanner
          key={scanning}
          kind="item"
          texts={scannerTexts(scanning === "item" ? "handover.hint" : "handover.sealHint")}
          onCode={(code) => (scanning === "item" ? scan(code.text) : check(code.text))}
        />
      )}
      {said && (
        <Notice tone={said.tone} live>
          <p>{said.text}</p>
        </Notice>
      )}
      {here.length > 0 && (
        <div class="card stack">
          <TextField
            label={t("handover.sealRead")}
            upper
            value={seal}
            onSave={(text) => {
              setSeal(text);
              check(text);
            }}
            hint={t("handover.sealWhy")}
          />
          {scanning !== "seal" && (
            <Button icon="scan" onPress={() => setScanning("seal")}>
              {t("handover.sealScan")}
            </Button>
          )}
        </div>
      )}
      {bag && here.length === 0 && offered.length === 0 && (
        <Notice tone="plain" title={t("handover.empty")}>
          <p>{t("handover.emptyWhy")}</p>
        </Notice>
      )}
      {units.length > 1 && (
        <div class="field">
          <label class="label" for="desk">
            {t("handover.desk")}
          </label>
          <select id="desk" value={to} onChange={(event) => setUnit(event.currentTarget.value)}>
            {units.map((one) => (
              <option key={one} value={one}>
                {one}
              </option>
            ))}
          </select>
        </div>
      )}
      {here.length > 0 && (
        <fieldset class="stack">
          <legend class="section">
            {t("handover.inBag", { count: here.length, unit: to ?? "" })}
          </legend>
          {here.map((item) => (
            <label class="choice" key={item.id}>
              <input
                type="checkbox"
                checked={ticked.has(item.id)}
                onChange={(event) => {
                  tick(item, event.currentTarget.checked);
                  setLast(event.currentTarget.checked ? item.id : undefined);
                }}
              />
              <span style="min-width:0">
                <span class="title" style="display:block">
                  {item.owner || t("dossier.nameless")}
                </span>
                <span class="small code" style="display:block">
                  {item.itemId}
                </span>
                <span class="small code" style="display:block">
                  {item.sendSlipNo}
                </span>
                {item.stage === "sealed" && <Badge tone="wait">{t("handover.unconfirmed")}</Badge>}
              </span>
            </label>
          ))}
        </fieldset>
      )}
      {offered.length > 0 && (
        <>
          <h2 class="section">{t("handover.waiting", { count: offered.length })}</h2>
          <ul class="card flush lines">
            {offered.map((item) => (
              <li key={item.id}>
                <Line
                  href={address("dossier", item.id)}
                  title={item.owner || t("dossier.nameless")}
                  below={<span class="code">{item.sendSlipNo}</span>}
                />
              </li>
            ))}
          </ul>
          <p class="small">{t("handover.waitingWhy")}</p>
        </>
      )}
    </Screen>
  );
}
