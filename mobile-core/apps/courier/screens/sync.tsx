import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { count, dateTime, size, time } from "../../shared/format";
import { CoreProblem } from "../../shared/problem";
import { address } from "../../shared/router";
import { Badge, Button, Line, Notice, Screen, Waiting } from "../../shared/ui";
import { core, status, useAsked, useLink, words, type DossierLine, type Status } from "../core";
import { sendPhotosNow } from "../link";
import { Tabs } from "../tabs";
import { t } from "../texts";
import { isTraining } from "../training";

function useClock(): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

/** A clock that is this far off is worth a word; nothing is decided by it. */
const CLOCK_WRONG_MS = 5 * 60 * 1000;

/** Stands on the main screens: what is still only on this phone. */
export function SyncMark(): JSX.Element | null {
  const { value: sync } = useAsked(status);
  if (!sync || isTraining()) return null;
  const waiting = sync.unsentRecords > 0 || sync.unsentBytes > 0;
  return (
    <a href={address("sync")} class="mark">
      <Badge tone={waiting ? "wait" : "good"} icon={waiting ? "phone" : "check"}>
        {waiting ? t("sync.markWaiting", { count: count(sync.unsentRecords) }) : t("sync.markDone")}
      </Badge>
    </a>
  );
}

/** Whatever this device writes counts no more: nobody should go on without knowing it. */
export function Revoked({ of: sync }: { of: Status | undefined }): JSX.Element | null {
  if (!sync?.revoked) return null;
  const isEmpty = !sync.made || (!sync.locked && !sync.me);
  return (
    <Notice tone="bad" title={t(`revoked.${sync.revoked}`)}>
      <p>{t(isEmpty ? "revoked.empty" : "revoked.why")}</p>
    </Notice>
  );
}

/** What the link does now, why it does not, and when it is tried again. */
function link(sync: Status, online: boolean, now: number): JSX.Element {
  if (sync.syncing) return <Notice tone="note" icon="sync" title={t("sync.running")} live />;
  if (sync.syncError) {
    const wait = Math.max(0, Math.ceil(((sync.nextTryMs ?? now) - now) / 1000));
    return (
      <Notice tone="wait" title={t("sync.stuck")}>
        <p>{online ? words(sync.syncError) : t("sync.offline")}</p>
        {sync.nextTryMs !== undefined && (
          <p class="small">
            {t("sync.next", { time: time(sync.nextTryMs), seconds: count(wait) })}
          </p>
        )}
      </Notice>
    );
  }
  if (!online)
    return (
      <Notice tone="wait" title={t("sync.noNetwork")}>
        <p>{t("sync.offline")}</p>
      </Notice>
    );
  return (
    <Notice
      tone={sync.syncedMs ? "good" : "plain"}
      title={sync.syncedMs ? t("sync.last", { when: dateTime(sync.syncedMs) }) : t("sync.never")}
    />
  );
}

/** What waits stands above what is done. */
function waitingFirst(dossiers: readonly DossierLine[]): DossierLine[] {
  const open = ({ where }: DossierLine) =>
    where.here + where.filesHere + where.held + where.refused;
  return [...dossiers].sort((a, b) => open(b) - open(a));
}

export function Sync(): JSX.Element {
  const { value: sync, error } = useAsked(status);
  const { value: dossiers } = useAsked(core.dossiers);
  const [problem, setProblem] = useState<unknown>();
  const now = useClock();
  const { online } = useLink();
  const received = (dossiers ?? []).reduce(
    (sum, one) => sum + one.where.received + one.where.held,
    0,
  );
  const accepted = (dossiers ?? []).reduce((sum, one) => sum + one.where.accepted, 0);
  const start = async () => {
    setProblem(undefined);
    try {
      await core.sync();
    } catch (caught) {
      setProblem(caught);
    }
  };
  return (
    <Screen
      title={t("sync.title")}
      tabs={<Tabs at="sync" />}
      action={
        <Button kind="primary" big icon="sync" onPress={start} working={t("sync.running")}>
          {t("sync.now")}
        </Button>
      }
    >
      {error !== undefined && <CoreProblem of={error} />}
      {problem !== undefined && <CoreProblem of={problem} />}
      {!sync && error === undefined && <Waiting for={t("sync.reading")} />}
      {sync && (
        <>
          {sync.trouble && (
            <Notice tone="bad">
              <p>{words(sync.trouble)}</p>
            </Notice>
          )}
          <Revoked of={sync} />
          {isTraining() ? (
            <Notice tone="plain" icon="school" title={t("training.alone")} />
          ) : (
            link(sync, online, now)
          )}
          <div class="three">
            <div class="card">
              <p class="figure">{count(sync.unsentRecords)}</p>
              <p class="small">{t("sync.onPhone")}</p>
            </div>
            <div class="card">
              <p class="figure">{count(received)}</p>
              <p class="small">{t("sync.received")}</p>
            </div>
            <div class="card">
              <p class="figure">{count(accepted)}</p>
              <p class="small">{t("sync.accepted")}</p>
            </div>
          </div>
          {sync.filesHeld && sync.unsentFiles > 0 && (
            <Notice
              tone="wait"
              icon="camera"
              title={t("link.waiting", {
                count: count(sync.unsentFiles),
                size: size(sync.unsentBytes),
              })}
            >
              <p>{t("link.waitingWhy")}</p>
              <Button onPress={sendPhotosNow}>{t("link.now")}</Button>
            </Notice>
          )}
          {!sync.filesHeld && sync.unsentFiles > 0 && (
            <p>
              {t("sync.photos", { count: count(sync.unsentFiles), size: size(sync.unsentBytes) })}
            </p>
          )}
          {Math.abs(sync.serverAheadMs) > CLOCK_WRONG_MS && (
            <Notice tone="wait">
              <p>
                {t("sync.clock", {
                  minutes: count(Math.round(Math.abs(sync.serverAheadMs) / 60000)),
                })}
              </p>
            </Notice>
          )}
          <p class="small">{t("sync.words")}</p>
        </>
      )}
      {dossiers && dossiers.length > 0 && (
        <>
          <h2 class="section">{t("sync.perDossier")}</h2>
          <ul class="card flush lines">
            {waitingFirst(dossiers).map((one) => (
              <li key={one.id}>
                <Line
                  href={address("dossier", one.id)}
                  title={one.owner || t("dossier.nameless")}
                  below={
                    <>
                      <span class="row" style="gap:.375rem;margin-top:.25rem">
                        {one.where.here > 0 && (
                          <Badge tone="wait" icon="phone">
                            {t("sync.nOnPhone", { count: one.where.here })}
                          </Badge>
                        )}
                        {one.where.received > 0 && (
                          <Badge tone="note" icon="check">
                            {t("sync.nReceived", { count: one.where.received })}
                          </Badge>
                        )}
                        {one.where.accepted > 0 && (
                          <Badge tone="good" icon="check">
                            {t("sync.nAccepted", { count: one.where.accepted })}
                          </Badge>
                        )}
                        {one.where.held + one.where.refused > 0 && (
                          <Badge tone="bad" icon="alert">
                            {t("sync.nRefused", { count: one.where.held + one.where.refused })}
                          </Badge>
                        )}
                      </span>
                      {one.where.filesHere > 0 && (
                        <span style="display:block">
                          {t("sync.nFiles", { count: one.where.filesHere })}
                        </span>
                      )}
                      {one.where.why && <span style="display:block">{words(one.where.why)}</span>}
                    </>
                  }
                />
              </li>
            ))}
          </ul>
        </>
      )}
      <p class="small">{t("sync.promise")}</p>
    </Screen>
  );
}
