// The core's API as types of TypeScript.

const names = {
  text: "string", number: "number", boolean: "boolean", id: "Id", hash: "Hash", bytes: "Base64",
};

function fields(list, indent) {
  return list.map(({ name, base, list: isList, optional }) => {
    const one = names[base] ?? base;
    const type = isList ? `readonly ${one}[]` : one;
    return `${indent}readonly ${name}${optional ? "?" : ""}: ${type};`;
  });
}

function type({ name, fields: list }) {
  if (list.length === 0) return [`export type ${name} = NoFields;`, ""];
  return [`export interface ${name} {`, ...fields(list, "  "), "}", ""];
}

function union({ name, words }) {
  const one = `export type ${name} = ${words.map((word) => `"${word}"`).join(" | ")};`;
  if (one.length <= 100) return [one, ""];
  return [
    `export type ${name} =`,
    ...words.map((word, i) => `  | "${word}"${i + 1 === words.length ? ";" : ""}`),
    "",
  ];
}

function request({ name, answer, fields: list }) {
  if (list.length === 0) return [`  ${name}: { request: NoFields; answer: ${answer} };`];
  return [
    `  ${name}: {`, "    request: {", ...fields(list, "      "), "    };",
    `    answer: ${answer};`, "  };",
  ];
}

function event({ name, fields: list }) {
  if (list.length === 0) return [`  ${name}: NoFields;`];
  return [`  ${name}: {`, ...fields(list, "    "), "  };"];
}

/** @return the text of api.ts */
export function typescript(api) {
  return `${[
    "// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.",
    "",
    "/** A UUID. */",
    "export type Id = string;",
    "/** 64 hexadecimal digits. */",
    "export type Hash = string;",
    "/** Bytes in base64. */",
    "export type Base64 = string;",
    "export type NoFields = {};",
    "",
    "/** What is asked by name, and what comes back where it is not an ErrorInfo. */",
    "export interface Requests {",
    ...api.requests.flatMap(request),
    "}",
    "export type RequestName = keyof Requests;",
    "/** A request as the core takes it. With a key it may be repeated: the same key writes once. */",
    "export type Request<N extends RequestName> =",
    '  { readonly "@type": N; readonly "@key"?: Id } &',
    '  Requests[N]["request"];',
    'export type Answer<N extends RequestName> = Requests[N]["answer"];',
    "",
    "/** What the core tells without being asked. */",
    "export interface Events {",
    ...api.events.flatMap(event),
    "}",
    "export type EventName = keyof Events;",
    "/** An event as the core gives it. */",
    "export type CoreEvent = {",
    '  [N in EventName]: { readonly "@type": N } & Events[N];',
    "}[EventName];",
    "",
    ...api.beside.flatMap(type),
    ...api.types.flatMap(type),
    ...api.words.flatMap(union),
  ].join("\n").trimEnd()}\n`;
}
