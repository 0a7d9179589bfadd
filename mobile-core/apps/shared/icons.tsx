import type { JSX } from "preact";

/** Line icons on a 24 × 24 grid, drawn for this project. None stands without a label. */
const paths = {
  back: "M15 5l-7 7 7 7",
  go: "M9 5l7 7-7 7",
  home: "M4 11l8-7 8 7v9H4zM10 20v-6h4v6",
  bag: "M5 8h14l1 12H4zM9 8V6a3 3 0 016 0v2",
  sync: "M5 12a7 7 0 0112-5l2 2M19 4v5h-5M19 12a7 7 0 01-12 5l-2-2M5 20v-5h5",
  more: "M4 7h16M4 12h16M4 17h16",
  search: "M11 4a7 7 0 110 14 7 7 0 010-14zM16.5 16.5L21 21",
  scan: "M4 8V4h4M16 4h4v4M20 16v4h-4M8 20H4v-4M4 12h16",
  card: "M3 6h18v12H3zM7 14h4M14 10h4M14 14h4M7 10a1 1 0 102 0 1 1 0 10-2 0",
  camera: "M4 8h4l2-3h4l2 3h4v11H4zM12 10a3.5 3.5 0 110 7 3.5 3.5 0 010-7z",
  list: "M4 6l1.5 1.5L8 5M4 12l1.5 1.5L8 11M4 18l1.5 1.5L8 17M11 6.5h9M11 12.5h9M11 18.5h9",
  money: "M3 7h18v10H3zM12 9.5a2.5 2.5 0 110 5 2.5 2.5 0 010-5M6 10v4M18 10v4",
  seal: "M12 3l7 3v6c0 5-3 7.500-7 9-4-1.500-7-4-7-9V6zM9 12l2.200 2.200L15.500 10",
  slip: "M6 3h12v18l-3-2-3 2-3-2-3 2zM9 8h6M9 12h6",
  pen: "M4 20l1-5L16 4l4 4L9 19zM14 6l4 4",
  hand: "M4 12h7M8 8l-4 4 4 4M20 12h-7M16 8l4 4-4 4",
  phone: "M7 3h10v18H7zM11 18h2",
  door: "M6 21V3h12v18M3 21h18M14.500 12h.01",
  map: "M12 21c-4-5-6-8-6-11a6 6 0 1112 0c0 3-2 6-6 11zM12 8a2 2 0 110 4 2 2 0 010-4z",
  clock: "M12 4a8 8 0 110 16 8 8 0 010-16zM12 8v4l3 2",
  check: "M5 12.500l4.500 4.500L19 7.500",
  cross: "M6 6l12 12M18 6L6 18",
  plus: "M12 5v14M5 12h14",
  alert: "M12 4l9 16H3zM12 10v4M12 17h.01",
  info: "M12 4a8 8 0 110 16 8 8 0 010-16zM12 11v5M12 8h.01",
  lock: "M6 11h12v9H6zM8.500 11V8a3.500 3.500 0 017 0v3",
  settings: "M4 7h9M17 7h3M15 5v4M4 17h3M11 17h9M9 15v4",
  help: "M12 4a8 8 0 110 16 8 8 0 010-16zM10 10a2 2 0 114 1c-1 1-2 1-2 3M12 17h.01",
  school: "M3 9l9-5 9 5-9 5zM7 11.500V16c3 2 7 2 10 0v-4.500",
  storage: "M5 6c0-3 14-3 14 0v12c0 3-14 3-14 0zM5 6c0 3 14 3 14 0M5 12c0 3 14 3 14 0",
  print: "M7 9V4h10v5M7 17H4V9h16v8h-3M7 14h10v6H7z",
  call: "M6 4l3 1 1 4-2 1.500a12 12 0 006 6L15 14l4 1 1 3c-1 2-3 2-5 1C9 17 6 14 5 9 4 7 4 5 6 4z",
  torch: "M8 3h8v4l-2 3v11h-4V10L8 7zM12 13v2",
  key: "M8 11a4 4 0 110 8 4 4 0 010-8zM11 12l8-8M16 7l2 2M13 10l2 2",
  erase: "M9 6h11v12H9l-6-6zM12.500 9.500l5 5M17.500 9.500l-5 5",
  box: "M4 8l8-4 8 4v8l-8 4-8-4zM4 8l8 4 8-4M12 12v8",
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name, class: className }: { name: IconName; class?: string }): JSX.Element {
  return (
    <svg
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="2"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
      {...(className ? { class: className } : {})}
    >
      <path d={paths[name]} />
    </svg>
  );
}
