import type { JSX } from "preact";
import { status, useAsked } from "../shared/core";
import { useFresh } from "../shared/fresh";
import { CoreProblem } from "../shared/problem";
import { usePlace, type Place } from "../shared/router";
import { startApp } from "../shared/shell";
import { Waiting } from "../shared/ui";
import { Bags } from "./screens/bags";
import { Case } from "./screens/case";
import { Citizens } from "./screens/citizens";
import { Enrol, First, OtherRole, SignIn } from "./screens/gate";
import { Queue } from "./screens/queue";
import { Returns } from "./screens/returns";
import { Settings } from "./screens/settings";
import { Work } from "./screens/work";
import { t } from "./texts";

/** What others decide shows within this time. */
const FRESH_MS = 5_000;

function At({ place }: { place: Place }): JSX.Element {
  useFresh(FRESH_MS);
  const [first, second] = place;
  switch (first) {
    case "case":
      return second ? <Case key={second} id={second} /> : <Queue />;
    case "bags":
      return <Bags />;
    case "returns":
      return <Returns />;
    case "work":
      return <Work />;
    case "citizens":
      return <Citizens />;
    case "settings":
      return <Settings />;
    default:
      return <Queue />;
  }
}

function Gate(): JSX.Element {
  const place = usePlace();
  const { value: now, error } = useAsked(status);
  if (!now) {
    return (
      <main>
        {error === undefined ? <Waiting for={t("reading")} /> : <CoreProblem of={error} />}
      </main>
    );
  }
  if (!now.made) return <First />;
  if (now.locked) return <SignIn />;
  if (!now.me) return <Enrol now={now} />;
  if (now.me.role !== "officer") return <OtherRole />;
  return <At place={place} />;
}

void startApp(async () => ({ store: "officer" }), Gate);
