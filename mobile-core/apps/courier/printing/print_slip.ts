// Loaded when somebody prints for the first time.
import type { Dossier } from "../core";
import {
  countsOf,
  SLIP_NOTE,
  SLIP_SIGNERS,
  SLIP_TITLE,
  slipFacts,
  TRAINING_WARNING,
} from "../slip_words";
import { pictureOf, type Piece } from "./picture";
import { print } from "./printer";
import { dotsOf, printed } from "./raster";

export { PrintError } from "./printer";

/** @param training says so where it cannot be overlooked, at the top and at the end */
export function slipPieces(dossier: Dossier, training: boolean): Piece[] {
  const { line } = dossier;
  const title = (text: string): Piece => ({ kind: "line", text, big: true, centre: true });
  const warning = training ? [title(TRAINING_WARNING)] : [];
  return [
    ...warning,
    title(SLIP_TITLE),
    title(line.sendSlipNo),
    { kind: "code", text: line.sendSlipNo },
    { kind: "rule" },
    ...slipFacts(dossier).map(
      ([name, text]): Piece => ({ kind: "line", text: `${name}: ${text}` }),
    ),
    { kind: "rule" },
    { kind: "line", text: `${line.procedureName} (${line.procedure})` },
    ...dossier.documents.map(
      (one, index): Piece => ({
        kind: "line",
        text: `${index + 1}. ${one.title} – ${countsOf(one)}`,
      }),
    ),
    { kind: "rule" },
    { kind: "line", text: SLIP_NOTE },
    ...SLIP_SIGNERS.flatMap((who): Piece[] => [
      { kind: "space", dots: 10 },
      { kind: "line", text: who },
      { kind: "space", dots: 70 },
    ]),
    ...warning,
  ];
}

/** @param another asks which printer, also when one was chosen before. Rejects with PrintError. */
export async function printSlip(
  dossier: Dossier,
  training: boolean,
  another: boolean,
): Promise<void> {
  await print(printed(dotsOf(pictureOf(slipPieces(dossier, training)))), another);
}
