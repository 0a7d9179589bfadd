import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { DossierLine } from "../../../web/api";
import { useAsked } from "../../shared/core";
import { count } from "../../shared/format";
import { CoreProblem } from "../../shared/problem";
import { request } from "../../shared/request";
import { address } from "../../shared/router";
import { Badge, Button, Line, Notice, Waiting } from "../../shared/ui";
import { queue } from "../core";
import { Page } from "../layout";
import { stageTone, t } from "../texts";

/** Results, and dossiers that were refused, that lie at the desk. */
async function atDesk(): Promise<DossierLine[]> {
  return (await queue()).filter(
    (line) =>
      line.custodian === "desk" && (line.stage === "result_ready" || line.stage === "refused"),
  );
}

export function Returns(): JSX.Element {
  const { value: lines, error } = useAsked(atDesk);
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const [problem, setProblem] = useState<unknown>();
  const ready = (lines ?? []).filter((line) => line.offer === undefined);
  const offered = (lines ?? []).filter((line) => line.offer !== undefined);
  const chosen = ready.filter((line) => ticked.has(line.id));
  const tick = (id: string, on: boolean) =>
    setTicked((before) => {
      const next = new Set(before);
      if (on) next.add(id);
      else next.delete(id);
      return next;
    });
  const offer = async () => {
    setProblem(undefined);
    try {
      await request("offerReturn", { dossiers: chosen.map((line) => line.id) });
      setTicked(new Set());
    } catch (caught) {
      setProblem(caught);
    }
  };
  return (
    <Page at="returns" title={t("returns.title")}>
      {error !== undefined && <CoreProblem of={error} />}
      {problem !== undefined && <CoreProblem of={problem} />}
      {!lines && error === undefined && <Waiting for={t("reading")} />}
      {lines && ready.length === 0 && (
        <Notice tone="plain" title={t("returns.empty")}>
          <p>{t("returns.emptyWhy")}</p>
        </Notice>
      )}
      {ready.length > 0 && (
        <section class="card stack" aria-labelledby="ready">
          <p id="ready">{t("returns.lead")}</p>
          <div class="ticks">
            {ready.map((line) => (
              <label class="choice" key={line.id}>
                <input
                  type="checkbox"
                  checked={ticked.has(line.id)}
                  onChange={(event) => tick(line.id, event.currentTarget.checked)}
                />
                <span style="min-width:0">
                  <span class="title" style="display:block">
                    {line.owner || t("nameless")}
                  </span>
                  <span class="small" style="display:block">
                    {line.procedureName}
                  </span>
                  <span class="small code" style="display:block">
                    {line.dossierCode}
                  </span>
                  <Badge tone={stageTone(line.stage)}>{t(`stage.${line.stage}`)}</Badge>
                </span>
              </label>
            ))}
          </div>
          <div class="row">
            <Button
              kind="primary"
              icon="hand"
              disabled={chosen.length === 0}
              onPress={offer}
              working={t("saving")}
            >
              {t("returns.offer", { count: count(chosen.length) })}
            </Button>
          </div>
        </section>
      )}
      {offered.length > 0 && (
        <section class="stack" aria-labelledby="offered">
          <h2 class="section" id="offered">
            {t("returns.waiting", { count: count(offered.length) })}
          </h2>
          <ul class="card flush lines">
            {offered.map((line) => (
              <li key={line.id}>
                <Line
                  href={address("case", line.id)}
                  title={line.owner || t("nameless")}
                  below={line.procedureName}
                />
              </li>
            ))}
          </ul>
        </section>
      )}
    </Page>
  );
}
