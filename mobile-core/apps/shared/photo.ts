import { useEffect, useState } from "preact/hooks";
import type { ErrorInfo } from "../../web/api";
import { readFile } from "./core";
import { onCore, request } from "./request";

export interface Photo {
  readonly source: string | undefined;
  /** Why it cannot be shown. */
  readonly error: ErrorInfo | undefined;
}

/** A photograph by its hash: of this device, or else of the server, which is asked once. */
export function usePhoto(hash: string): Photo {
  const [photo, setPhoto] = useState<Photo>({ source: undefined, error: undefined });
  useEffect(() => {
    let made: string | undefined;
    let gone = false;
    const read = async (): Promise<void> => {
      const blob = await readFile(hash);
      if (gone || made) return;
      made = URL.createObjectURL(new Blob([blob], { type: "image/jpeg" }));
      setPhoto({ source: made, error: undefined });
    };
    const ends = [
      onCore("fileHere", (event) => {
        if (event.hash === hash) void read().catch(() => undefined);
      }),
      onCore("errandFailed", (event) => {
        if (event.hash === hash && !gone) setPhoto({ source: undefined, error: event.error });
      }),
    ];
    read()
      .catch(() => request("fetchFile", { hash }))
      .catch(() => undefined);
    return () => {
      gone = true;
      for (const end of ends) end();
      if (made) URL.revokeObjectURL(made);
    };
  }, [hash]);
  return photo;
}
