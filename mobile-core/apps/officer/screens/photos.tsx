import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Attachment } from "../../../web/api";
import { words } from "../../shared/core";
import { Icon, type IconName } from "../../shared/icons";
import { usePhoto } from "../../shared/photo";
import { Dialog } from "../layout";
import { t, type TextKey } from "../texts";

function label(of: Attachment): string {
  return of.role === "page" && of.line > 0
    ? t("photo.pageOf", { line: of.line })
    : t(`photo.${of.role}`);
}

function Thumbnail({ of, onOpen }: { of: Attachment; onOpen: () => void }): JSX.Element {
  const { source, error } = usePhoto(of.hash);
  return (
    <li>
      <button type="button" onClick={onOpen}>
        {source ? (
          <img src={source} alt="" />
        ) : (
          <span class="wait">{error ? words(error) : t("photo.loading")}</span>
        )}
        <span class="small">{label(of)}</span>
      </button>
    </li>
  );
}

const ZOOM_STEP = 1.4;
const ZOOM_MAX = 8;

interface Shape {
  readonly width: number;
  readonly height: number;
}

/** The size before zooming: all of the picture is seen, whichever way it is turned. */
function fitted(picture: Shape, turned: boolean, room: Shape): Shape {
  const across = turned ? picture.height : picture.width;
  const down = turned ? picture.width : picture.height;
  const scale = Math.min(room.width / across, room.height / down, 1);
  return { width: picture.width * scale, height: picture.height * scale };
}

function Viewer({
  photos,
  at,
  onMove,
  onClose,
}: {
  photos: readonly Attachment[];
  at: number;
  onMove: (at: number) => void;
  onClose: () => void;
}): JSX.Element {
  const photo = photos[at]!;
  const { source, error } = usePhoto(photo.hash);
  const [zoom, setZoom] = useState(1);
  const [turns, setTurns] = useState(0);
  const [picture, setPicture] = useState<Shape>();
  const [room, setRoom] = useState<Shape>({ width: 600, height: 600 });
  const sheet = useRef<HTMLDivElement>(null);
  // Measured as soon as it stands on the page: a later effect can find the viewer closed again.
  useLayoutEffect(() => {
    const measure = () => {
      const box = sheet.current;
      if (box) setRoom({ width: box.clientWidth, height: box.clientHeight });
    };
    measure();
    addEventListener("resize", measure);
    return () => removeEventListener("resize", measure);
  }, []);
  useEffect(() => {
    setZoom(1);
    setTurns(0);
  }, [photo.hash]);
  const larger = () => setZoom((now) => Math.min(ZOOM_MAX, now * ZOOM_STEP));
  const smaller = () => setZoom((now) => Math.max(1, now / ZOOM_STEP));
  const fit = () => setZoom(1);
  const turn = () => setTurns((now) => (now + 1) % 4);
  const move = (by: number) => {
    if (photos[at + by]) onMove(at + by);
  };
  const keys: Readonly<Record<string, () => void>> = {
    "+": larger,
    "=": larger,
    "-": smaller,
    "0": fit,
    r: turn,
    R: turn,
    ArrowLeft: () => move(-1),
    ArrowRight: () => move(1),
  };
  const turned = turns % 2 === 1;
  const size = picture && fitted(picture, turned, room);
  const turning = `transform:translate(-50%,-50%) rotate(${turns * 90}deg)`;
  const shown = size && { width: size.width * zoom, height: size.height * zoom };
  const frame = shown && turned ? { width: shown.height, height: shown.width } : shown;
  const tool = (
    icon: IconName | undefined,
    key: TextKey,
    press: () => void,
    sign = "",
    off = false,
  ) => (
    <button
      type="button"
      class="button"
      aria-label={t(key)}
      title={t(key)}
      onClick={press}
      disabled={off}
    >
      {icon ? <Icon name={icon} /> : <span aria-hidden="true">{sign}</span>}
    </button>
  );
  return (
    <Dialog
      title={t("photo.viewer", { number: at + 1, of: photos.length })}
      class="photo"
      onClose={onClose}
    >
      <div
        onKeyDown={(event) => {
          const act = keys[event.key];
          if (!act) return;
          event.preventDefault();
          act();
        }}
      >
        <div class="row">
          <strong style="flex:1 1 10rem">
            {at + 1}/{photos.length} · {label(photo)}
          </strong>
          {tool("back", "photo.before", () => move(-1), "", at === 0)}
          {tool("go", "photo.next", () => move(1), "", at === photos.length - 1)}
          {tool(undefined, "photo.out", smaller, "−", zoom <= 1)}
          {tool(undefined, "photo.in", larger, "+", zoom >= ZOOM_MAX)}
          {tool("scan", "photo.fit", fit)}
          {tool("sync", "photo.turn", turn)}
          {tool("cross", "close", onClose)}
        </div>
        <div class="sheet" ref={sheet} tabIndex={0} role="group" aria-label={label(photo)}>
          {error && <p style="color:#fff">{words(error)}</p>}
          {!source && !error && (
            <p style="color:#fff" role="status">
              {t("photo.loading")}
            </p>
          )}
          {source && (
            <div style={frame && `width:${frame.width}px;height:${frame.height}px`}>
              <img
                src={source}
                alt={label(photo)}
                onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) =>
                  setPicture({ width: naturalWidth, height: naturalHeight })
                }
                style={
                  shown
                    ? `width:${shown.width}px;height:${shown.height}px;${turning}`
                    : "visibility:hidden"
                }
              />
            </div>
          )}
        </div>
        <p class="small">{t("photo.keys")}</p>
      </div>
    </Dialog>
  );
}

export function Photos({ photos }: { photos: readonly Attachment[] }): JSX.Element {
  const [open, setOpen] = useState<number>();
  return (
    <>
      <ul class="photos">
        {photos.map((one, at) => (
          <Thumbnail key={one.hash} of={one} onOpen={() => setOpen(at)} />
        ))}
      </ul>
      {open !== undefined && (
        <Viewer photos={photos} at={open} onMove={setOpen} onClose={() => setOpen(undefined)} />
      )}
    </>
  );
}
