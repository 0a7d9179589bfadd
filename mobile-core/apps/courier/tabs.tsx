import type { JSX } from "preact";
import { Icon, type IconName } from "../shared/icons";
import { address } from "../shared/router";
import { t, type TextKey } from "./texts";

const tabs: readonly (readonly [string, IconName, TextKey])[] = [
  ["", "home", "tab.round"],
  ["handover", "hand", "tab.handover"],
  ["sync", "sync", "tab.sync"],
  ["more", "more", "tab.more"],
];

export function Tabs({ at }: { at: string }): JSX.Element {
  return (
    <nav class="tabs" aria-label={t("tab.label")}>
      {tabs.map(([place, icon, label]) => (
        <a
          key={place}
          href={place === "" ? address() : address(place)}
          aria-current={place === at ? "page" : undefined}
        >
          <Icon name={icon} />
          <span>{t(label)}</span>
        </a>
      ))}
    </nav>
  );
}
