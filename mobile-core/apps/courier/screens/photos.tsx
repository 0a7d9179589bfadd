import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { readPhoto, setTorch, takePhoto, type Photo } from "../../shared/camera";
import { CoreProblem } from "../../shared/problem";
import { address } from "../../shared/router";
import { Badge, Button, Choices, LinkButton, Notice, Screen, Waiting } from "../../shared/ui";
import { useCamera } from "../../shared/use_camera";
import { core, readFile, useAsked, type Attachment, type AttachmentRole, type Door } from "../core";
import { t } from "../texts";

/** Pictures on this phone, read as they come into sight of the list. */
function Thumbnail({ hash, label }: { hash: string; label: string }): JSX.Element {
  const [source, setSource] = useState<string>();
  useEffect(() => {
    let made: string | undefined;
    let gone = false;
    readFile(hash).then(
      (blob) => {
        if (gone) return;
        made = URL.createObjectURL(blob);
        setSource(made);
      },
      () => undefined,
    );
    return () => {
      gone = true;
      if (made) URL.revokeObjectURL(made);
    };
  }, [hash]);
  return (
    <li>
      {source ? <img src={source} alt={label} /> : <div style="aspect-ratio:3/4" />}
      <span class="small">{label}</span>
    </li>
  );
}

function caption({ role, line }: Attachment): string {
  if (role === "card" || role === "parcel") return t(`photos.${role}`);
  return line > 0 ? t("photos.ofLine", { line }) : t("photos.page");
}

type What = "page" | "card" | "parcel";

/** A photograph that may not be readable, or for which there was no room; and what it is of. */
interface Unsaved {
  readonly photo: Photo;
  readonly role: AttachmentRole;
  readonly line: number;
  /** Where the page shows it from. */
  readonly source: string;
}

export function Photos({ id }: { id: string }): JSX.Element {
  const { value: door, error } = useAsked(() => core.door(id), [id]);
  const video = useRef<HTMLVideoElement>(null);
  const { state: camera, stream, again: reopen } = useCamera(video, false);
  const [lit, setLit] = useState<MediaStream>();
  const [what, setWhat] = useState<What>("page");
  const [line, setLine] = useState<number>();
  // Several pictures may be chosen at once: each is asked about.
  const [allUnsaved, setUnsaved] = useState<readonly Unsaved[]>([]);
  const [unsaved] = allUnsaved;
  const flaws = unsaved?.photo.quality.flaws ?? [];
  const doubtful = flaws.length > 0;
  const [choosing, setChoosing] = useState(false);
  const [unreadable, setUnreadable] = useState<readonly string[]>([]);
  const [problem, setProblem] = useState<unknown>();
  const [saved, setSaved] = useState(0);

  const torch = stream !== undefined && lit === stream;
  const without = camera === "refused" || camera === "missing";
  const shown = line ?? firstWithoutPhoto(door);
  const jpegOf = (photo: Photo) => new Blob([photo.jpeg as BlobPart], { type: "image/jpeg" });
  const save = async (photo: Photo, role: AttachmentRole, ofLine: number) => {
    await core.addPhoto(id, jpegOf(photo), role, ofLine);
    setSaved((count) => count + 1);
  };
  /** A good photograph is saved at once; a doubtful one asks while the paper is still there. */
  const consider = async (photo: Photo) => {
    const role: AttachmentRole = what;
    const ofLine = what === "page" ? shown : 0;
    if (photo.quality.flaws.length === 0) {
      try {
        await save(photo, role, ofLine);
        return;
      } catch (caught) {
        setProblem(caught);
      }
    }
    const source = URL.createObjectURL(jpegOf(photo));
    setUnsaved((all) => [...all, { photo, role, line: ofLine, source }]);
  };
  const take = async () => {
    setProblem(undefined);
    setUnreadable([]);
    try {
      await consider(await takePhoto(video.current!));
    } catch (caught) {
      setProblem(caught);
    }
  };
  const choose = async (event: Event) => {
    const input = event.currentTarget as HTMLInputElement;
    setProblem(undefined);
    setUnreadable([]);
    setChoosing(true);
    for (const file of input.files ?? []) {
      const photo = await readPhoto(file).catch(() => undefined);
      if (photo) await consider(photo);
      else setUnreadable((all) => [...all, file.name]);
    }
    setChoosing(false);
    input.value = "";
  };
  const leave = (one: Unsaved) => {
    URL.revokeObjectURL(one.source);
    setUnsaved((all) => all.filter((other) => other !== one));
  };
  const keep = async (one: Unsaved) => {
    setProblem(undefined);
    try {
      await save(one.photo, one.role, one.line);
      leave(one);
    } catch (caught) {
      setProblem(caught);
    }
  };
  const taken = door?.dossier.attachments.filter((one) => one.role !== "signature_image") ?? [];
  return (
    <Screen
      title={t("step.photos")}
      back={{ href: address("dossier", id), label: t("back.dossier") }}
      action={
        unsaved ? (
          <>
            <Button
              kind={doubtful ? "primary" : "secondary"}
              big={doubtful}
              icon="camera"
              onPress={() => leave(unsaved)}
            >
              {t("photos.again")}
            </Button>
            <Button
              kind={doubtful ? "secondary" : "primary"}
              big={!doubtful}
              onPress={() => keep(unsaved)}
              working={t("photos.saving")}
            >
              {t(doubtful ? "photos.keep" : "photos.save")}
            </Button>
          </>
        ) : (
          <>
            {camera === "open" && (
              <Button
                kind="primary"
                big
                icon="camera"
                working={t("photos.looking")}
                onPress={take}
              >
                {t("photos.take")}
              </Button>
            )}
            <div class="row">
              <label class={without ? "button primary" : "button"}>
                {t(choosing ? "photos.looking" : "photos.phoneCamera")}
                <input
                  class="unseen"
                  type="file"
                  accept="image/*"
                  capture="environment"
                  multiple
                  disabled={choosing}
                  onChange={choose}
                />
              </label>
              {taken.length > 0 && (
                <LinkButton href={address("dossier", id, "money")}>{t("photos.next")}</LinkButton>
              )}
            </div>
          </>
        )
      }
    >
      {error !== undefined && <CoreProblem of={error} />}
      {problem !== undefined && <CoreProblem of={problem} />}
      {unreadable.length > 0 && (
        <Notice tone="bad" live>
          <p>{t("photos.unreadable", { names: unreadable.join(", ") })}</p>
        </Notice>
      )}
      {unsaved && (
        <>
          <Notice tone="wait" title={t(doubtful ? "photos.doubtful" : "photos.unsaved")} live>
            {doubtful && (
              <ul>
                {flaws.map((flaw) => (
                  <li key={flaw}>• {t(`flaw.${flaw}`)}</li>
                ))}
              </ul>
            )}
            {allUnsaved.length > 1 && <p>{t("photos.more", { count: allUnsaved.length - 1 })}</p>}
          </Notice>
          <div class="viewer">
            <img src={unsaved.source} alt={t("photos.doubtfulAlt")} />
          </div>
        </>
      )}
      <div class="viewer" hidden={unsaved !== undefined || without}>
        <video ref={video} playsInline muted />
        <p class="hint" role="status">
          {camera === "opening"
            ? t("scan.opening")
            : saved > 0
              ? t("photos.saved", { count: saved })
              : t("photos.hint")}
        </p>
      </div>
      {without && !unsaved && (
        <Notice tone="plain">
          <p>{t(camera === "refused" ? "photos.cameraRefused" : "photos.noCamera")}</p>
          <div class="row">
            <Button icon="camera" onPress={reopen}>
              {t("scan.again")}
            </Button>
          </div>
        </Notice>
      )}
      {!door && error === undefined && <Waiting for={t("dossier.reading")} />}
      {!unsaved && (
        <>
          {camera === "open" && (
            <Button
              icon="torch"
              onPress={async () => {
                if (await setTorch(stream!, !torch)) setLit(torch ? undefined : stream);
              }}
            >
              {t(torch ? "photos.torchOff" : "photos.torchOn")}
            </Button>
          )}
          <Choices
            legend={t("photos.what")}
            value={what}
            onChange={setWhat}
            options={[
              { value: "page", label: t("photos.page") },
              { value: "card", label: t("photos.card") },
              { value: "parcel", label: t("photos.parcel") },
            ]}
          />
          {what === "page" && door && (
            <div class="field">
              <label class="label" for="photo-line">
                {t("photos.line")}
              </label>
              <select
                id="photo-line"
                value={String(shown)}
                onChange={(event) => setLine(Number(event.currentTarget.value))}
              >
                {door.procedure?.documents
                  .filter((one) => one.kind !== "note")
                  .map((one) => (
                    <option key={one.line} value={String(one.line)}>
                      {one.line}. {one.title}
                    </option>
                  ))}
                <option value="0">{t("photos.otherPaper")}</option>
              </select>
            </div>
          )}
        </>
      )}
      {taken.length > 0 && (
        <>
          <h2 class="section">{t("step.photosTaken", { count: taken.length })}</h2>
          <ul class="photos">
            {taken.map((one) => (
              <Thumbnail key={one.hash} hash={one.hash} label={caption(one)} />
            ))}
          </ul>
        </>
      )}
      {door && taken.length === 0 && !unsaved && (
        <Badge tone="wait">{t("step.photosTaken", { count: 0 })}</Badge>
      )}
    </Screen>
  );
}

/** The first counted paper that no photograph shows yet; 0 when every one has its own. */
function firstWithoutPhoto(door: Door | undefined): number {
  const shown = new Set(door?.dossier.attachments.map((one) => one.line));
  return (
    door?.dossier.documents.find(
      (one) =>
        one.line > 0 && one.originals + one.certified + one.photocopies > 0 && !shown.has(one.line),
    )?.line ?? 0
  );
}
