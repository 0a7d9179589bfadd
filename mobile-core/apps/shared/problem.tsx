import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
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

const pinWait = {
  vi: (seconds: number) => `Nhập lại được sau ${seconds} giây. Dữ liệu đã lưu vẫn còn nguyên.`,
  en: (seconds: number) => `Try again in ${seconds} seconds. What was saved is still there.`,
};

/** After some wrong PINs the core takes none for a while, and says for how long. */
function PinWait({ of: { name, detail } }: { of: CoreError }): JSX.Element | null {
  const [seconds, setSeconds] = useState(name.startsWith("pin_") ? Number(detail) : 0);
  useEffect(() => {
    if (!(seconds > 0)) return;
    const timer = setTimeout(() => setSeconds(seconds - 1), 1000);
    return () => clearTimeout(timer);
  }, [seconds]);
  if (!(seconds > 0)) return null;
  return <p>{words({ vi: pinWait.vi(seconds), en: pinWait.en(seconds) })}</p>;
}

/** The core says what happened and what to do; anything else is a fault of the app and says so. */
export function CoreProblem({ of: error }: { of: unknown }): JSX.Element {
  if (error instanceof CoreError)
    return (
      <Notice tone="bad" live>
        <p>{words(error)}</p>
        <PinWait of={error} />
      </Notice>
    );
  return (
    <Notice tone="bad" live>
      <p>{words(unknown)}</p>
      <p class="code">{error instanceof Error ? error.message : String(error)}</p>
    </Notice>
  );
}
