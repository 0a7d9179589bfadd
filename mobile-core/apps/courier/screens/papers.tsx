import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { CoreProblem } from "../../shared/problem";
import { address } from "../../shared/router";
import { Badge, Button, LinkButton, Screen, Stepper, TextField, Waiting } from "../../shared/ui";
import { core, useAsked, type Count, type Dossier, type DocumentLine } from "../core";
import { t } from "../texts";

const kinds = ["originals", "certified", "photocopies"] as const;

/** What the catalogue asks for on this line: the tap that is right most of the time. */
function asked(line: DocumentLine): Count {
  return { originals: line.originals, certified: line.copies, photocopies: 0 };
}

function Counting(props: {
  name: string;
  below?: string;
  count: Count | undefined;
  suggested?: Count;
  /** @return whether it was saved */
  onCount: (count: Count) => Promise<boolean>;
}): JSX.Element {
  const [open, setOpen] = useState(false);
  // A thumb is faster than an old phone: each tap counts on from the last one.
  const [tapped, setTapped] = useState<Count>();
  const take = async (count: Count) => {
    setTapped(count);
    if (!(await props.onCount(count))) setTapped(undefined);
  };
  const now = tapped ?? props.count ?? { originals: 0, certified: 0, photocopies: 0 };
  const total = now.originals + now.certified + now.photocopies;
  const useful = props.suggested && props.suggested.originals + props.suggested.certified > 0;
  return (
    <li class="card stack">
      <div class="stack tight">
        <span class="row between">
          {props.count ? (
            <Badge tone={total > 0 ? "good" : "plain"} icon="check">
              {t("papers.counted", { count: total })}
            </Badge>
          ) : (
            <Badge tone="wait">{t("step.todo")}</Badge>
          )}
          {props.below && <span class="small">{props.below}</span>}
        </span>
        <p>{props.name}</p>
      </div>
      {!open && (
        <div class="row">
          {!props.count && useful && (
            <Button icon="check" onPress={() => take(props.suggested!)}>
              {t("papers.asAsked", {
                count: props.suggested!.originals + props.suggested!.certified,
              })}
            </Button>
          )}
          {!props.count && (
            <Button icon="cross" onPress={() => take(now)}>
              {t("papers.none")}
            </Button>
          )}
          <Button icon="pen" onPress={() => setOpen(true)}>
            {t("papers.count")}
          </Button>
        </div>
      )}
      {open &&
        kinds.map((kind) => (
          <Stepper
            key={kind}
            label={t(`papers.${kind}`)}
            value={now[kind]}
            less={t("papers.less", { what: t(`papers.${kind}`) })}
            more={t("papers.more", { what: t(`papers.${kind}`) })}
            onChange={(value) => void take({ ...now, [kind]: value })}
          />
        ))}
    </li>
  );
}

export function Papers({ id }: { id: string }): JSX.Element {
  const { value: door, error } = useAsked(() => core.door(id), [id]);
  const [other, setOther] = useState("");
  const [problem, setProblem] = useState<unknown>();
  const count = async (line: number, name: string, value: Count) => {
    setProblem(undefined);
    try {
      await core.checkDocument(id, line, name, value);
      return true;
    } catch (caught) {
      setProblem(caught);
      return false;
    }
  };
  const allAsAsked = async ({ uncounted }: Dossier) => {
    for (const line of uncounted) await count(line.line, line.title, asked(line));
  };
  const counted = (line: number) => door?.dossier.documents.find((one) => one.line === line);
  return (
    <Screen
      title={t("step.papers")}
      back={{ href: address("dossier", id), label: t("back.dossier") }}
      action={
        door &&
        (door.dossier.uncounted.length > 0 ? (
          <Button
            kind="primary"
            big
            icon="check"
            onPress={() => allAsAsked(door.dossier)}
            working={t("papers.saving")}
          >
            {t("papers.allAsAsked", { count: door.dossier.uncounted.length })}
          </Button>
        ) : (
          <LinkButton kind="primary" big icon="camera" href={address("dossier", id, "photos")}>
            {t("papers.next")}
          </LinkButton>
        ))
      }
    >
      {error !== undefined && <CoreProblem of={error} />}
      {problem !== undefined && <CoreProblem of={problem} />}
      {!door && error === undefined && <Waiting for={t("dossier.reading")} />}
      <p class="small">{t("papers.lead")}</p>
      {door && (
        <ol class="stack">
          {door.procedure?.documents.map((line) =>
            line.kind === "note" ? (
              <li key={line.line} class="small">
                {line.title}
              </li>
            ) : (
              <Counting
                key={line.line}
                name={line.title}
                below={line.case}
                count={counted(line.line)}
                suggested={asked(line)}
                onCount={(value) => count(line.line, line.title, value)}
              />
            ),
          )}
          {door.dossier.documents
            .filter((one) => one.line === 0)
            .map((one) => (
              <Counting
                key={one.title}
                name={one.title}
                count={one}
                onCount={(value) => count(0, one.title, value)}
              />
            ))}
        </ol>
      )}
      <div class="card stack">
        <TextField label={t("papers.other")} value={other} onInput={setOther} onSave={setOther} />
        <Button
          icon="plus"
          disabled={other.trim() === ""}
          onPress={async () => {
            await count(0, other.trim(), { originals: 1, certified: 0, photocopies: 0 });
            setOther("");
          }}
        >
          {t("papers.add")}
        </Button>
      </div>
    </Screen>
  );
}
