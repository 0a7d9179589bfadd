import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { status, useAsked } from "../shared/core";
import { platformKey } from "../shared/platform_key";
import { CoreProblem } from "../shared/problem";
import { usePlace } from "../shared/router";
import { startApp } from "../shared/shell";
import { Waiting } from "../shared/ui";
import { Result, Review, Wrong } from "./screens/confirm";
import { Home } from "./screens/home";
import { Phones, Scan, Show } from "./screens/phones";
import { Rate } from "./screens/rate";
import { Invite, Locked, NoLink } from "./screens/welcome";
import { chooseStore, ticketIn } from "./stores";
import { t } from "./texts";

function At({ at }: { at: string | undefined }): JSX.Element {
  switch (at) {
    case "confirm":
      return <Review />;
    case "wrong":
      return <Wrong />;
    case "result":
      return <Result />;
    case "phones":
      return <Phones />;
    case "scan":
      return <Scan />;
    case "show":
      return <Show />;
    case "rate":
      return <Rate />;
    default:
      return <Home />;
  }
}

function Gate(): JSX.Element {
  const place = usePlace();
  const { value: now, error } = useAsked(status);
  const isMine = now?.me !== undefined;
  useEffect(() => {
    // The link has done its work: who looks at the address later learns nothing from it.
    if (isMine && ticketIn(location.hash)) history.replaceState(null, "", "#/");
  }, [isMine]);
  useEffect(() => {
    // A link that is opened while the page is open is another dossier, in another store.
    const moved = () => {
      if (ticketIn(location.hash)) location.reload();
    };
    addEventListener("hashchange", moved);
    return () => removeEventListener("hashchange", moved);
  }, []);
  if (!now) {
    return (
      <main>
        {error === undefined ? <Waiting for={t("reading")} /> : <CoreProblem of={error} />}
      </main>
    );
  }
  if (now.made && now.locked) return <Locked />;
  if (isMine) return <At key={place.join("/")} at={place[0]} />;
  const ticket = ticketIn(location.hash);
  return ticket ? <Invite ticket={ticket} now={now} /> : <NoLink />;
}

void startApp(async () => {
  const store = await chooseStore();
  return { store, open: { platformKey: await platformKey(store) } };
}, Gate);
