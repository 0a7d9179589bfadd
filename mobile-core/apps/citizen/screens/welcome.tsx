import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { act, words, type Status } from "../../shared/core";
import { Icon, type IconName } from "../../shared/icons";
import { CoreProblem } from "../../shared/problem";
import { request } from "../../shared/request";
import { Scanner } from "../../shared/scanner";
import { LanguageSwitch } from "../../shared/shell";
import { Button, Notice, Screen } from "../../shared/ui";
import { remember, ticketIn } from "../stores";
import { scannerTexts, t } from "../texts";

/** Nothing happens before the tap: a page that is only previewed must not use the ticket up. */
export function Invite({ ticket, now }: { ticket: string; now: Status }): JSX.Element {
  const [problem, setProblem] = useState<unknown>();
  const open = async () => {
    setProblem(undefined);
    try {
      if (!now.made) await act("makeVault", {});
      await remember(ticket);
      await request("enrol", { link: `${location.origin}/#${ticket}` });
      // Without an answer on purpose: some browsers ask the person first.
      void navigator.storage?.persist?.();
    } catch (caught) {
      setProblem(caught);
    }
  };
  return (
    <Screen
      title={t("title")}
      aside={<LanguageSwitch />}
      action={
        <Button
          kind="primary"
          big
          icon="door"
          disabled={now.syncing}
          onPress={open}
          working={t("invite.opening")}
        >
          {now.syncing ? t("invite.opening") : t("invite.open")}
        </Button>
      }
    >
      <img src="icon.svg" alt="" width="88" height="88" style="border-radius:1.375rem" />
      <p class="headline">{t("invite.lead")}</p>
      {problem !== undefined && <CoreProblem of={problem} />}
      {now.syncError && !now.syncing && (
        <Notice tone="bad" live>
          <p>{words(now.syncError)}</p>
        </Notice>
      )}
      <ul class="card flush lines">
        {(
          [
            ["lock", "invite.key"],
            ["phone", "invite.own"],
            ["check", "invite.free"],
            ["sync", "invite.network"],
          ] as const
        ).map(([icon, key]) => (
          <li key={key}>
            <Point icon={icon}>{t(key)}</Point>
          </li>
        ))}
      </ul>
    </Screen>
  );
}

function Point({ icon, children }: { icon: IconName; children: string }): JSX.Element {
  return (
    <div class="line">
      <Icon name={icon} />
      <span class="grow">{children}</span>
    </div>
  );
}

/** Opened by its bare address, before any link. */
export function NoLink(): JSX.Element {
  const [scanning, setScanning] = useState(false);
  const [wrong, setWrong] = useState(false);
  return (
    <Screen
      title={t("link.title")}
      aside={<LanguageSwitch />}
      action={
        <Button kind="primary" big icon="scan" onPress={() => setScanning(!scanning)}>
          {t(scanning ? "link.stop" : "link.scan")}
        </Button>
      }
    >
      <p class="lead">{t("link.none")}</p>
      {wrong && (
        <Notice tone="bad" live>
          <p>{t("link.wrong")}</p>
        </Notice>
      )}
      {scanning && (
        <Scanner
          kind="qr"
          texts={scannerTexts()}
          onCode={({ text }) => {
            const ticket = ticketIn(text.trim());
            if (ticket) location.hash = "#" + ticket;
            setWrong(ticket === undefined);
          }}
        />
      )}
    </Screen>
  );
}

/** The key is in this browser, so opening again needs nothing but the page. */
export function Locked(): JSX.Element {
  return (
    <Screen
      title={t("locked.title")}
      action={
        <Button kind="primary" big icon="lock" onPress={() => location.reload()}>
          {t("locked.open")}
        </Button>
      }
    >
      <p class="lead">{t("locked.why")}</p>
    </Screen>
  );
}
