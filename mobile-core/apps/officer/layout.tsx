import type { ComponentChildren, JSX } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { status, useAsked, useLink, words } from "../shared/core";
import { count, time } from "../shared/format";
import { Icon, type IconName } from "../shared/icons";
import { request } from "../shared/request";
import { address } from "../shared/router";
import { Badge, Button, Notice } from "../shared/ui";
import { useBags, useHeld } from "./core";
import { t, type TextKey } from "./texts";

const places: readonly (readonly [string, IconName, TextKey])[] = [
  ["", "list", "nav.queue"],
  ["bags", "bag", "nav.bags"],
  ["returns", "hand", "nav.returns"],
  ["work", "alert", "nav.work"],
  ["citizens", "phone", "nav.citizens"],
  ["settings", "settings", "nav.settings"],
];

function Side({ at }: { at: string }): JSX.Element {
  const waiting = useBags().value?.length ?? 0;
  const held = useHeld().value?.length ?? 0;
  const counts: Readonly<Record<string, number>> = { bags: waiting, work: held };
  return (
    <nav class="side" aria-label={t("nav.label")}>
      <div class="brand">
        <img src="icon.svg" alt="" width="32" height="32" /> Tận Nhà
      </div>
      {places.map(([place, icon, label]) => (
        <a
          key={place}
          href={place === "" ? address() : address(place)}
          aria-current={place === at ? "page" : undefined}
        >
          <Icon name={icon} />
          <span>{t(label)}</span>
          {(counts[place] ?? 0) > 0 && (
            <span class="badge wait count">{count(counts[place] ?? 0)}</span>
          )}
        </a>
      ))}
      <button type="button" class="last" onClick={() => void request("lock")}>
        <Icon name="lock" />
        <span>{t("nav.lock")}</span>
      </button>
    </nav>
  );
}

/** Whether what is shown is what the registry has, and whether it has what was decided here. */
function Freshness(): JSX.Element | null {
  const link = useLink();
  const { value: now } = useAsked(status);
  if (!now) return null;
  const unsent = now.unsentRecords > 0;
  const stuck = now.syncError !== undefined && !now.syncing;
  return (
    <span class="fresh" role="status">
      {unsent && (
        <Badge tone="wait" icon="sync">
          {t("net.unsent", { count: count(now.unsentRecords) })}
        </Badge>
      )}
      {!link.online || stuck ? (
        <Badge tone="wait" icon="alert">
          {t(link.online ? "net.stuck" : "net.offline")}
        </Badge>
      ) : (
        <span class="small number">
          {now.syncedMs ? t("net.live", { when: time(now.syncedMs) }) : t("net.never")}
        </span>
      )}
      <button
        type="button"
        class="button icon"
        aria-label={t("net.now")}
        onClick={() => void request("sync").catch(() => undefined)}
      >
        <Icon name="sync" />
      </button>
    </span>
  );
}

export function Page(props: {
  at: string;
  title: string;
  back?: boolean;
  children: ComponentChildren;
}): JSX.Element {
  const heading = useRef<HTMLHeadingElement>(null);
  const { value: now } = useAsked(status);
  useEffect(() => {
    document.title = props.title + " · Tận Nhà";
    if (document.activeElement === document.body) heading.current?.focus({ preventScroll: true });
  }, [props.title]);
  return (
    <div class="desk">
      <a
        class="skip"
        href="#content"
        onClick={(event) => {
          // The address is the place in the app, so the jump is made by hand.
          event.preventDefault();
          heading.current?.focus();
        }}
      >
        {t("nav.skip")}
      </a>
      <Side at={props.at} />
      <div class="page">
        <header class="top">
          {props.back && (
            <a class="button icon" href={address()} aria-label={t("back")}>
              <Icon name="back" />
            </a>
          )}
          <h1 tabIndex={-1} ref={heading}>
            {props.title}
          </h1>
          <Freshness />
        </header>
        <main>
          {(now?.trouble ?? now?.revoked) && (
            <Notice tone="bad" title={t("trouble")} live>
              {now?.trouble && <p>{words(now.trouble)}</p>}
            </Notice>
          )}
          {props.children}
        </main>
      </div>
    </div>
  );
}

/** A question above the page. Esc and the browser's own back keys close it. */
export function Dialog(props: {
  title: string;
  class?: string;
  onClose: () => void;
  children: ComponentChildren;
}): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  // At once, so that what measures itself inside it finds it open.
  useLayoutEffect(() => {
    const element = dialog.current!;
    element.showModal();
    return () => element.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      class={props.class}
      aria-label={props.title}
      onCancel={(event) => {
        event.preventDefault();
        props.onClose();
      }}
    >
      {props.children}
    </dialog>
  );
}

/** A decision: what is said, and the two ways on. */
export function Form(props: {
  title: string;
  why?: string;
  ready: boolean;
  danger?: boolean;
  submit?: string;
  onSubmit: () => Promise<void>;
  onClose: () => void;
  children?: ComponentChildren;
}): JSX.Element {
  return (
    <Dialog title={props.title} onClose={props.onClose}>
      <form class="stack" onSubmit={(event) => event.preventDefault()}>
        <h2>{props.title}</h2>
        {props.why && <p class="small">{props.why}</p>}
        {props.children}
        <div class="end">
          <Button onPress={props.onClose}>{t("cancel")}</Button>
          <Button
            kind={props.danger ? "danger" : "primary"}
            submit
            disabled={!props.ready}
            onPress={props.onSubmit}
            working={t("saving")}
          >
            {props.submit ?? t("save")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
