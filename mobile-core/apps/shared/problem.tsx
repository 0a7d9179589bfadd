import type { JSX } from "preact";
import { CoreError } from "../../web/client";
import { words } from "./core";
import { Notice } from "./ui";

const unknown = {
  vi:
    "Ứng dụng gặp lỗi. Dữ liệu đã lưu vẫn còn. Hãy thử lại; nếu vẫn lỗi, " +
    "báo người phụ trách câu sau:",
  en:
    "The application met an error. What was saved is still there. Try again; if it goes on, tell " +
    "the person in charge this:",
};

/** The core says what happened and what to do; anything else is a fault of the app and says so. */
export function CoreProblem({ of: error }: { of: unknown }): JSX.Element {
  if (error instanceof CoreError)
    return (
      <Notice tone="bad" live>
        <p>{words(error)}</p>
      </Notice>
    );
  return (
    <Notice tone="bad" live>
      <p>{words(unknown)}</p>
      <p class="code">{error instanceof Error ? error.message : String(error)}</p>
    </Notice>
  );
}
