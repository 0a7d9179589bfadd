import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { encode } from "uqr";

/** A QR code as one path: sharp at every size and on paper. */
export function QrCode({
  text,
  label,
  little,
}: {
  text: string;
  label: string;
  little?: boolean;
}): JSX.Element {
  const { path, size } = useMemo(() => {
    const code = encode(text, { ecc: "L", border: 2 });
    let drawn = "";
    code.data.forEach((row, y) => {
      for (let x = 0; x < row.length; x++) {
        if (!row[x]) continue;
        const from = x;
        while (x + 1 < row.length && row[x + 1]) x++;
        drawn += `M${from} ${y}h${x - from + 1}v1H${from}z`;
      }
    });
    return { path: drawn, size: code.size };
  }, [text]);
  return (
    <div class={little ? "qr little" : "qr"}>
      <svg
        viewBox={`0 0 ${size} ${size}`}
        role="img"
        aria-label={label}
        shape-rendering="crispEdges"
      >
        <path d={path} fill="#000" />
      </svg>
    </div>
  );
}
