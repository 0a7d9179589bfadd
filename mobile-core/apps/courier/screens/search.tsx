import type { JSX } from "preact";
import { useLayoutEffect, useMemo, useState } from "preact/hooks";
import { CoreProblem } from "../../shared/problem";
import { address, replace } from "../../shared/router";
import {
  Badge,
  Button,
  Choices,
  Facts,
  Line,
  Notice,
  Screen,
  TextField,
  Waiting,
} from "../../shared/ui";
import {
  core,
  status,
  useAsked,
  type Procedure,
  type ProcedureLine,
  type ServiceKind,
} from "../core";
import { feeText } from "./money";
import { t, timeText } from "../texts";

/** Two screens of them; whoever sees more wants to type on. */
const SHOWN_FIRST = 12;
const SHOWN_MAX = 60;

function Hits({ of: hits }: { of: readonly ProcedureLine[] }): JSX.Element | null {
  if (hits.length === 0) return null;
  return (
    <ul class="card flush lines">
      {hits.map((hit) => (
        <li key={hit.code}>
          <Line
            href={address("open", hit.code)}
            title={hit.title}
            below={
              <>
                <span class="code">{hit.code}</span> · {hit.field}
                {hit.byPost === "no" && (
                  <>
                    {" "}
                    <Badge tone="bad">{t("search.notByPost")}</Badge>
                  </>
                )}
              </>
            }
          />
        </li>
      ))}
    </ul>
  );
}

export function Search(): JSX.Element {
  const [text, setText] = useState("");
  const [many, setMany] = useState(false);
  const [hits, setHits] = useState<readonly ProcedureLine[]>([]);
  const [problem, setProblem] = useState<unknown>();
  const { value: now } = useAsked(status);
  // After the first enrolment the catalogue comes while somebody types already.
  const procedures = now?.procedures;
  useLayoutEffect(() => {
    let current = true;
    core.search(text, many ? SHOWN_MAX : SHOWN_FIRST).then(
      (found) => current && (setHits(found), setProblem(undefined)),
      (error: unknown) => current && setProblem(error),
    );
    return () => void (current = false);
  }, [text, procedures, many]);
  // A key that changes nothing in the list costs nothing of it.
  const list = useMemo(() => <Hits of={hits} />, [hits]);
  return (
    <Screen title={t("search.title")} back={{ href: address(), label: t("back.round") }}>
      <TextField
        label={t("search.label")}
        mode="search"
        value={text}
        hint={t("search.hint")}
        onInput={(next) => {
          setText(next);
          setMany(false);
        }}
        onSave={setText}
      />
      {problem !== undefined && <CoreProblem of={problem} />}
      {procedures === 0 && (
        <Notice tone="wait">
          <p>{t("search.noCatalogue")}</p>
        </Notice>
      )}
      {text.trim() !== "" && hits.length === 0 && problem === undefined && (
        <p class="small" role="status">
          {t("search.none")}
        </p>
      )}
      {list}
      {!many && hits.length === SHOWN_FIRST && (
        <Button icon="more" onPress={() => setMany(true)}>
          {t("search.more")}
        </Button>
      )}
    </Screen>
  );
}

function postalNotice(procedure: Procedure): JSX.Element | null {
  if (procedure.line.byPost === "no") return <Notice tone="bad" title={t("open.notByPost")} />;
  if (procedure.presenceRequired) return <Notice tone="wait" title={t("open.presence")} />;
  if (procedure.line.byPost === "candidate")
    return (
      <Notice tone="wait">
        <p>{t("open.candidate")}</p>
      </Notice>
    );
  return null;
}

/** What the procedure asks for, before anything is written; then one tap opens the dossier. */
export function Open({
  code,
  requested,
}: {
  code: string;
  requested: string | undefined;
}): JSX.Element {
  const { value: procedure, error } = useAsked(() => core.procedure(code), [code]);
  const [service, setService] = useState<ServiceKind>("both");
  const [problem, setProblem] = useState<unknown>();
  const open = async () => {
    setProblem(undefined);
    try {
      replace("dossier", await core.open(code, service, requested));
    } catch (caught) {
      setProblem(caught);
    }
  };
  return (
    <Screen
      title={t("open.title")}
      back={{ href: address("search"), label: t("back.search") }}
      action={
        procedure &&
        procedure.line.byPost !== "no" && (
          <Button kind="primary" big onPress={open} working={t("open.working")}>
            {t("open.begin")}
          </Button>
        )
      }
    >
      {error !== undefined && <CoreProblem of={error} />}
      {!procedure && error === undefined && <Waiting for={t("search.reading")} />}
      {procedure && (
        <>
          <div class="stack tight">
            <p class="lead">{procedure.line.title}</p>
            <p class="small">
              <span class="code">{procedure.line.code}</span> · {procedure.line.field}
            </p>
          </div>
          {postalNotice(procedure)}
          {problem !== undefined && <CoreProblem of={problem} />}
          {procedure.line.byPost !== "no" && (
            <Choices
              legend={t("open.service")}
              value={service}
              onChange={setService}
              options={[
                { value: "both", label: t("service.both") },
                { value: "send", label: t("service.send") },
                { value: "receive_result", label: t("service.receive_result") },
              ]}
            />
          )}
          <div class="card">
            <Facts
              of={[
                [t("open.time"), procedure.times.map(timeText).join("; ") || "—"],
                [t("open.fee"), feeText(procedure.fee) || t("open.feeUnknown")],
              ]}
            />
          </div>
          <h2 class="section">{t("open.papers", { count: procedure.documents.length })}</h2>
          <ol class="card flush lines">
            {procedure.documents.map((line) => (
              <li key={line.line}>
                <Line title={line.title} below={line.case} />
              </li>
            ))}
          </ol>
        </>
      )}
    </Screen>
  );
}
