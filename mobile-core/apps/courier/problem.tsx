import type { JSX } from "preact";
import { CoreError } from "../../web/client";
import { Notice } from "../shared/ui";
import { words } from "./core";
import { t } from "./texts";

export function isCoreError(error: unknown): error is CoreError {
  return error instanceof CoreError;
}

/** The core says what happened and what to do; anything else is a fault of the app and says so. */
export function CoreProblem({ of: error }: { of: unknown }): JSX.Element {
  if (isCoreError(error))
    return (
      <Notice tone="bad" live>
        <p>{words(error)}</p>
      </Notice>
    );
  return (
    <Notice tone="bad" live>
      <p>{t("problem.unknown")}</p>
      <p class="code">{error instanceof Error ? error.message : String(error)}</p>
    </Notice>
  );
}
