import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { count, date, dateTime, money, size } from "../../shared/format";
import { mayRemind } from "../../shared/background";
import { CoreProblem } from "../../shared/problem";
import { setLanguage, useLanguage } from "../../shared/i18n";
import { address } from "../../shared/router";
import { chosenTheme, setTheme, type Theme } from "../../shared/theme";
import {
  Badge,
  Button,
  Choices,
  Facts,
  Line,
  LinkButton,
  Notice,
  Progress,
  Screen,
  Waiting,
} from "../../shared/ui";
import { core, status, useAsked, useLink } from "../core";
import { today } from "../bag";
import { knowsLink, photosBy, setPhotosBy, type PhotosBy } from "../link";
import { t, type TextKey } from "../texts";
import { Tabs } from "../tabs";
import { isTraining, startTraining, stopTraining } from "../training";

export function More(): JSX.Element {
  const { value: now } = useAsked(status);
  const person = now?.me;
  return (
    <Screen title={t("more.title")} tabs={<Tabs at="more" />}>
      {person && (
        <div class="card">
          <p class="title">{person.label}</p>
          <p class="small">
            {person.tenantName} · <span class="code">{person.unit}</span>
          </p>
        </div>
      )}
      <ul class="card flush lines">
        <li>
          <Line
            icon="clock"
            href={address("close")}
            title={t("close.title")}
            below={t("close.below")}
          />
        </li>
        <li>
          <Line
            icon="settings"
            href={address("settings")}
            title={t("settings.title")}
            below={t("settings.below")}
          />
        </li>
        <li>
          <Line
            icon="school"
            href={address("training")}
            title={t("training.title")}
            below={t("training.below")}
          />
        </li>
        <li>
          <Line
            icon="help"
            href={address("help")}
            title={t("help.title")}
            below={t("help.below")}
          />
        </li>
      </ul>
      <Button icon="lock" onPress={() => core.lock()}>
        {t("more.lock")}
      </Button>
    </Screen>
  );
}

const back = () => ({ href: address("more"), label: t("back.more") });

/** The evening's three counts: the money, the bag, and what only this phone has. */
export function Close(): JSX.Element {
  const { value: day, error } = useAsked(today);
  const clear = day && day.bag.length === 0 && day.unsentRecords === 0 && day.unsentBytes === 0;
  return (
    <Screen
      title={t("close.title")}
      back={back()}
      action={
        day &&
        day.unsentRecords > 0 && (
          <LinkButton kind="primary" big icon="sync" href={address("sync")}>
            {t("close.send")}
          </LinkButton>
        )
      }
    >
      {error !== undefined && <CoreProblem of={error} />}
      {!day && error === undefined && <Waiting for={t("close.reading")} />}
      {day && (
        <>
          {clear && (
            <Notice tone="good" title={t("close.clear")}>
              <p>{t("close.clearWhy")}</p>
            </Notice>
          )}
          <section class="card stack">
            <h2 class="title">{t("close.cash")}</h2>
            <p class="figure">{money(day.cashDong)}</p>
            {day.money.length > 0 && (
              <>
                <h3 class="label">{t("close.byKind")}</h3>
                <Facts
                  of={day.money.map(
                    (one) =>
                      [
                        t(`money.${one.kind}`),
                        one.transferDong > 0
                          ? t("close.both", {
                              cash: money(one.cashDong),
                              transfer: money(one.transferDong),
                            })
                          : money(one.cashDong),
                      ] as const,
                  )}
                />
              </>
            )}
            {day.takings.length > 0 && (
              <>
                <h3 class="label">{t("close.byDossier")}</h3>
                <Facts
                  of={day.takings.map(
                    ([one, cash]) => [one.owner || t("dossier.nameless"), money(cash)] as const,
                  )}
                />
              </>
            )}
            <p class="small">{t("close.cashWhy")}</p>
          </section>
          <section class="card stack">
            <h2 class="title row between">
              {t("close.bag")}
              <Badge tone={day.bag.length > 0 ? "wait" : "good"}>{count(day.bag.length)}</Badge>
            </h2>
            {day.bag.length === 0 ? (
              <p class="small">{t("close.bagEmpty")}</p>
            ) : (
              <ul class="lines">
                {day.bag.map((item) => (
                  <li key={item.id}>
                    <Line
                      href={address("dossier", item.id)}
                      title={item.owner || t("dossier.nameless")}
                      below={<span class="code">{item.itemId}</span>}
                    />
                  </li>
                ))}
              </ul>
            )}
          </section>
          <section class="card stack">
            <h2 class="title">{t("close.unsent")}</h2>
            <Facts
              of={[
                [t("close.records"), count(day.unsentRecords)],
                [t("close.photos"), size(day.unsentBytes)],
                [t("close.sealed"), count(day.sealed)],
                [t("close.handedOver"), count(day.handedOver)],
              ]}
            />
          </section>
        </>
      )}
    </Screen>
  );
}

function Storage(): JSX.Element {
  const [state, setState] = useState<{ used: number; of: number; kept: boolean }>();
  const look = async () => {
    const [estimate, kept] = await Promise.all([
      navigator.storage.estimate(),
      navigator.storage.persisted(),
    ]);
    setState({ used: estimate.usage ?? 0, of: estimate.quota ?? 0, kept });
  };
  useEffect(() => void look(), []);
  if (!state) return <Waiting for={t("settings.measuring")} />;
  return (
    <>
      <Progress
        label={t("settings.used", { used: size(state.used), of: size(state.of) })}
        done={state.used}
        of={state.of}
      />
      <p class="small">{t("settings.left", { left: size(Math.max(0, state.of - state.used)) })}</p>
      {state.kept ? (
        <p class="small">{t("settings.kept")}</p>
      ) : (
        <Notice tone="wait">
          <p>{t("settings.notKept")}</p>
          <Button
            onPress={async () => {
              await navigator.storage.persist();
              await look();
            }}
          >
            {t("settings.keep")}
          </Button>
        </Notice>
      )}
    </>
  );
}

export function Settings(): JSX.Element {
  const language = useLanguage();
  const [remind, setRemind] = useState(mayRemind());
  const [photos, setPhotos] = useState<PhotosBy>(photosBy());
  const [theme, setShown] = useState<Theme>(chosenTheme());
  const { value: now } = useAsked(status);
  const { online } = useLink();
  return (
    <Screen title={t("settings.title")} back={back()}>
      <Choices
        legend={t("settings.language")}
        short
        value={language}
        onChange={setLanguage}
        options={[
          { value: "vi", label: "Tiếng Việt" },
          { value: "en", label: "English" },
        ]}
      />
      <Choices
        legend={t("settings.theme")}
        value={theme}
        onChange={(next) => {
          setTheme(next);
          setShown(next);
        }}
        options={(["auto", "light", "dark", "contrast"] as const).map((value) => ({
          value,
          label: t(`theme.${value}`),
        }))}
      />
      <section class="card stack">
        <h2 class="title">{t("settings.storage")}</h2>
        <Storage />
      </section>
      <section class="card stack">
        {knowsLink() ? (
          <Choices
            legend={t("link.title")}
            value={photos}
            onChange={(next) => {
              setPhotos(next);
              void setPhotosBy(next);
            }}
            options={(["any", "wifi"] as const).map((value) => ({
              value,
              label: t(`link.${value}`),
            }))}
          />
        ) : (
          <>
            <h2 class="title">{t("link.title")}</h2>
            <p>{t("link.unknown")}</p>
          </>
        )}
        <p class="small">{t("link.why")}</p>
        {remind === "default" && (
          <Button
            icon="clock"
            onPress={async () => setRemind(await Notification.requestPermission())}
          >
            {t("link.remind")}
          </Button>
        )}
        {remind === "granted" && <p class="small">{t("link.reminded")}</p>}
      </section>
      {now && (
        <section class="card stack">
          <h2 class="title">{t("settings.link")}</h2>
          <Facts
            of={[
              [t("settings.network"), t(online ? "settings.online" : "settings.offline")],
              [t("settings.server"), <span class="code">{now.server}</span>],
              [t("settings.lastSync"), now.syncedMs ? dateTime(now.syncedMs) : t("sync.never")],
              [t("settings.procedures"), count(now.procedures)],
              ...(now.me ? [[t("settings.until"), date(now.me.certificateUntilMs)] as const] : []),
            ]}
          />
        </section>
      )}
      {!isTraining() && (
        <LinkButton icon="lock" href={address("settings", "pin")}>
          {t("settings.pin")}
        </LinkButton>
      )}
    </Screen>
  );
}

export function Training(): JSX.Element {
  return (
    <Screen
      title={t("training.title")}
      back={back()}
      action={
        isTraining() ? (
          <>
            <Button icon="sync" onPress={startTraining}>
              {t("training.again")}
            </Button>
            <Button kind="primary" big onPress={stopTraining}>
              {t("training.stop")}
            </Button>
          </>
        ) : (
          <Button kind="primary" big icon="school" onPress={startTraining}>
            {t("training.start")}
          </Button>
        )
      }
    >
      <p>{t("training.lead")}</p>
      <ul class="stack">
        {(["training.apart", "training.alone", "training.same"] as const).map((key) => (
          <li key={key} class="card">
            {t(key)}
          </li>
        ))}
      </ul>
    </Screen>
  );
}

const topics: readonly (readonly [TextKey, TextKey])[] = [
  ["help.offlineQ", "help.offlineA"],
  ["help.savedQ", "help.savedA"],
  ["help.cardQ", "help.cardA"],
  ["help.presentQ", "help.presentA"],
  ["help.sealedQ", "help.sealedA"],
  ["help.confirmQ", "help.confirmA"],
  ["help.heldQ", "help.heldA"],
  ["help.lostQ", "help.lostA"],
  ["help.dueQ", "help.dueA"],
  ["help.privacyQ", "help.privacyA"],
];

export function Help(): JSX.Element {
  return (
    <Screen title={t("help.title")} back={back()}>
      {topics.map(([question, answer]) => (
        <section class="card stack tight" key={question}>
          <h2 class="title">{t(question)}</h2>
          <p>{t(answer)}</p>
        </section>
      ))}
    </Screen>
  );
}
