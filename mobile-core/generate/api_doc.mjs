// Reads docs/core-api.md.

const sections = ["Requests", "Events", "Beside them", "Types", "Words"];
const plain = ["text", "number", "boolean", "id", "hash", "bytes"];

/** Names that would hide the language's own in TypeScript or Java. */
const renamed = new Map([["Error", "ErrorInfo"], ["Record", "RecordView"]]);

function typeName(name) {
  return renamed.get(name) ?? name;
}

/** @return { base, list }: `base` is plain or the name of a type */
function fieldType(text) {
  const list = text.endsWith("[]");
  return { base: typeName(list ? text.slice(0, -2) : text), list };
}

function checkBase(api, where, base) {
  if (plain.includes(base)) return;
  if (api.types.some((type) => type.name === base)) return;
  if (api.words.some((words) => words.name === base)) return;
  throw new Error(`docs/core-api.md: ${where} names ${base}, which it does not describe`);
}

/**
 * @return { requests: [{ name, answer, fields }], events, beside, types: [{ name, fields }],
 * words: [{ name, words }] } with fields as [{ name, base, list, optional }]
 */
export function readApi(text) {
  const begin = text.indexOf("<!-- types");
  const end = text.indexOf("<!-- end -->");
  if (begin < 0 || end < begin) throw new Error("docs/core-api.md: no types");
  const api = { requests: [], events: [], beside: [], types: [], words: [] };
  let section = null;
  let item = null;
  for (const line of text.slice(begin, end).split("\n").slice(1)) {
    if (line.startsWith("## ")) {
      section = line.slice(3);
      if (!sections.includes(section)) throw new Error(`docs/core-api.md: section ${section}`);
      item = null;
    } else if (line.startsWith("### ")) {
      item = readHeading(api, section, line);
    } else if (line !== "" && line !== "no fields" && !/^\| field \||^\|---/.test(line)) {
      readLine(item, line);
    }
  }
  const all = [...api.requests, ...api.events, ...api.beside, ...api.types];
  for (const { name, fields } of all) {
    for (const { base } of fields) checkBase(api, name, base);
  }
  for (const { name, answer } of api.requests) checkBase(api, name, answer);
  for (const words of api.words) {
    if (words.words.length === 0) throw new Error(`docs/core-api.md: no words in ${words.name}`);
  }
  return api;
}

function readHeading(api, section, line) {
  const heading = /^### `(\w+)`(?: → `(\w+)`)?$/.exec(line);
  if (!heading || (section === "Requests") !== (heading[2] !== undefined)) {
    throw new Error(`docs/core-api.md: ${line}`);
  }
  const [, name, answer] = heading;
  if (section === "Words") return add(api.words, { name, words: [] });
  if (section === "Requests") {
    return add(api.requests, { name, answer: typeName(answer), fields: [] });
  }
  const lists = { Events: api.events, "Beside them": api.beside, Types: api.types };
  return add(lists[section], { name: section === "Events" ? name : typeName(name), fields: [] });
}

function add(list, item) {
  list.push(item);
  return item;
}

function readLine(item, line) {
  if (item?.words) {
    for (const word of line.split(", ")) {
      const inner = /^`(\w+)`$/.exec(word);
      if (!inner) throw new Error(`docs/core-api.md: ${line}`);
      item.words.push(inner[1]);
    }
    return;
  }
  const row = /^\| `(\w+)` \| (\w+(?:\[\])?) \|(?: (optional) \|)?(?: ?\|)?$/.exec(line);
  if (!item || !row) throw new Error(`docs/core-api.md: ${line}`);
  item.fields.push({ name: row[1], ...fieldType(row[2]), optional: row[3] !== undefined });
}
