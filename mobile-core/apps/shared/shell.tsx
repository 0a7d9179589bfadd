import { render, type ComponentType, type JSX } from "preact";
import { useLayoutEffect, useEffect, useState } from "preact/hooks";
import { openCore, type Core, type CoreOptions } from "../../web/client";
import { useThisCore, words } from "./core";
import { startLanguage, setLanguage, useLanguage } from "./i18n";
import { CoreProblem } from "./problem";
import { startTheme } from "./theme";
import { Button, Notice, Waiting } from "./ui";
import { onUpdate, restart, startUpdates } from "./updates";

/** As long as opening takes on an old phone; longer means that another window has the store. */
const ELSEWHERE_AFTER_MS = 5000;

const texts = {
  opening: { vi: "Đang mở dữ liệu…", en: "Opening the data…" },
  elsewhere: {
    vi: "Trang này đang mở ở một cửa sổ khác và chưa trả lời. Hãy đóng cửa sổ kia.",
    en: "This page is open in another window, which does not answer. Close that one.",
  },
  plain: {
    vi:
      "Trang này mở bằng http nên trình duyệt không cho lưu hồ sơ và dùng máy ảnh. Hãy mở lại " +
      "bằng địa chỉ bắt đầu bằng https://; mọi thứ đã lưu ở đó vẫn còn nguyên.",
    en:
      "This page was opened with http, by which the browser lets nobody store dossiers or use " +
      "the camera. Open it by the address that begins with https://; what was saved there is safe.",
  },
  again: { vi: "Thử lại", en: "Try again" },
  update: { vi: "Có phiên bản mới.", en: "There is a new version." },
  restart: { vi: "Khởi động lại", en: "Restart" },
};

export function LanguageSwitch(): JSX.Element {
  const language = useLanguage();
  return (
    <button
      type="button"
      class="button quiet"
      lang={language === "vi" ? "en" : "vi"}
      onClick={() => setLanguage(language === "vi" ? "en" : "vi")}
    >
      {language === "vi" ? "English" : "Tiếng Việt"}
    </button>
  );
}

function Update(): JSX.Element | null {
  const [waiting, setWaiting] = useState(false);
  useEffect(() => onUpdate(setWaiting), []);
  if (!waiting) return null;
  return (
    <div class="unprinted" style="padding:.75rem 1rem 0">
      <Notice tone="note" icon="sync" title={words(texts.update)} live>
        <Button onPress={restart}>{words(texts.restart)}</Button>
      </Notice>
    </div>
  );
}

function Opening({
  opening,
  inside: Inside,
}: {
  opening: Promise<Core>;
  inside: ComponentType;
}): JSX.Element {
  useLanguage();
  const [opened, setOpened] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const [late, setLate] = useState(false);
  useLayoutEffect(() => {
    const timer = setTimeout(() => setLate(true), ELSEWHERE_AFTER_MS);
    opening
      .then((core) => {
        useThisCore(core);
        setOpened(true);
      }, setProblem)
      .finally(() => clearTimeout(timer));
    return () => clearTimeout(timer);
  }, []);
  if (problem !== undefined) {
    return (
      <main>
        <CoreProblem of={problem} />
        <Button kind="primary" big onPress={() => location.reload()}>
          {words(texts.again)}
        </Button>
      </main>
    );
  }
  if (!opened) {
    return (
      <main>
        {late ? (
          <Notice tone="wait" live>
            <p>{words(texts.elsewhere)}</p>
          </Notice>
        ) : (
          <Waiting for={words(texts.opening)} />
        )}
      </main>
    );
  }
  return (
    <>
      <Update />
      <Inside />
    </>
  );
}

/** Browsers keep nothing for a page that anybody on the way could have changed. */
function Plain(): JSX.Element {
  useLanguage();
  return (
    <main>
      <Notice tone="bad" live>
        <p>{words(texts.plain)}</p>
      </Notice>
    </main>
  );
}

/**
 * What every app does at its start: language, colours, the newest version, the core. The core opens
 * beside the rest; a page that a newer version is about to replace has done nothing with it yet.
 * @param ready what has to be there before anything is shown
 */
export async function startApp(
  options: () => Promise<Partial<CoreOptions>>,
  inside: ComponentType,
  ready: Promise<unknown> = Promise.resolve(),
): Promise<void> {
  startTheme();
  const place = document.getElementById("app")!;
  if (!isSecureContext) {
    await startLanguage();
    return render(<Plain />, place);
  }
  const opening = options().then((more) =>
    openCore({ worker: "core_worker.js", module: "core.wasm", ...more }),
  );
  // It is said where it is shown.
  opening.catch(() => undefined);
  const [isLeaving] = await Promise.all([startUpdates(), startLanguage(), ready]);
  if (!isLeaving) render(<Opening opening={opening} inside={inside} />, place);
}
