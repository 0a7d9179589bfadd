// The core's API as classes of Java 8: one a type, read by a constructor that takes JSON where the
// core gives it, written by toJson() where the core takes it.

const header =
  "// Made by mobile-core/generate.mjs from docs/core-api.md, which says what everything means.";
const folder = "mobile-core/java/src/main/java/vn/tannha/core/api";
const columns = 100;

const plain = {
  text: { type: "String", get: "getString" },
  id: { type: "String", get: "getString" },
  hash: { type: "String", get: "getString" },
  number: { type: "long", boxed: "Long", get: "getLong" },
  boolean: { type: "boolean", boxed: "Boolean", get: "getBoolean" },
};
/** Words of Java that are no names in it. */
const reserved = new Set(
  ("abstract assert boolean break byte case catch char class const continue default do double " +
    "else enum extends final finally float for goto if implements import instanceof int " +
    "interface long native new package private protected public return short static strictfp " +
    "super switch synchronized this throw throws transient try void volatile while true false " +
    "null").split(" "));

function javaName(name) {
  return reserved.has(name) ? `${name}_` : name;
}

function capital(name) {
  return name[0].toUpperCase() + name.slice(1);
}

class Classes {
  constructor(api) {
    this.api = api;
    this.words = new Set(api.words.map(({ name }) => name));
    this.types = new Map([...api.types, ...api.beside].map((type) => [type.name, type]));
    this.read = new Set();
    this.written = new Set();
    for (const { answer, fields } of api.requests) {
      this.reach(this.read, [{ base: answer }]);
      this.reach(this.written, fields);
    }
    for (const { fields } of api.events) this.reach(this.read, fields);
    // The core gives a SyncCall and an ErrorInfo; the others beside the requests it takes.
    for (const base of ["SyncCall", "ErrorInfo"]) this.reach(this.read, [{ base }]);
    for (const base of ["OpenOptions", "SyncHead", "BlobBegin"]) {
      this.reach(this.written, [{ base }]);
    }
  }

  /** Adds to `met` the types that fields are made of. */
  reach(met, fields) {
    for (const { base } of fields) {
      const type = this.types.get(base);
      if ((!type && !this.words.has(base)) || met.has(base)) continue;
      met.add(base);
      if (type) this.reach(met, type.fields);
    }
  }

  type({ base, list, optional }) {
    if (base === "bytes") return "byte[]";
    const { type = base, boxed = type } = plain[base] ?? {};
    if (list) return `List<${boxed}>`;
    return optional ? boxed : type;
  }

  reading({ name, base, list, optional }) {
    let value;
    if (list) {
      const one = plain[base] ? `all.${plain[base].get}(i)`
        : this.words.has(base) ? `${base}.of(all.getString(i))`
        : `new ${base}(all.getJSONObject(i))`;
      value = `Json.list(json, "${name}", (all, i) -> ${one})`;
    } else if (base === "bytes") {
      value = `Base64.getDecoder().decode(json.getString("${name}"))`;
    } else if (plain[base]) {
      value = `json.${plain[base].get}("${name}")`;
    } else if (this.words.has(base)) {
      value = `${base}.of(json.getString("${name}"))`;
    } else if (this.types.has(base)) {
      value = `new ${base}(json.getJSONObject("${name}"))`;
    } else {
      throw new Error(`Java reads no ${base}`);
    }
    return optional ? `json.has("${name}") ? ${value} : null` : value;
  }

  writing({ name, base, list, optional }) {
    const own = javaName(name);
    let value;
    if (list) {
      if (plain[base]?.type !== "String") throw new Error(`Java writes no list of ${base}`);
      value = `new JSONArray(${own})`;
    } else if (base === "bytes") {
      value = `Base64.getEncoder().encodeToString(${own})`;
    } else if (plain[base]) {
      value = own;
    } else {
      value = this.words.has(base) ? `${own}.word` : `${own}.toJson()`;
    }
    const put = `json.put("${name}", ${value});`;
    return optional ? `if (${own} != null) ${put}` : put;
  }

  /** A value that the caller cannot change afterwards. */
  keeping({ name, base, list, optional }) {
    const own = javaName(name);
    if (list) return `Json.copy(${own})`;
    if (base === "bytes") return (optional ? `${own} == null ? null : ` : "") + `${own}.clone()`;
    return own;
  }

  declarations(fields) {
    return fields.flatMap((field) => [
      ...(field.optional ? ["  /** Null: there is none. */"] : []),
      `  public final ${this.type(field)} ${javaName(field.name)};`,
    ]);
  }

  constructorFromJson(name, fields) {
    if (fields.length === 0) return [`  public ${name}(JSONObject json) {}`];
    return [
      `  public ${name}(JSONObject json) throws JSONException {`,
      ...fields.map((field) => `    ${javaName(field.name)} = ${this.reading(field)};`),
      "  }",
    ];
  }

  constructorFromFields(name, fields) {
    const all = fields.map((field) => `${this.type(field)} ${javaName(field.name)}`);
    const one = `  public ${name}(${all.join(", ")}) {`;
    if (fields.length === 0) return [`  public ${name}() {}`];
    return [
      ...(one.length <= columns ? [one] : [`  public ${name}(`, ...wrapped(all, "      ")]),
      ...fields.map((field) => `    this.${javaName(field.name)} = ${this.keeping(field)};`),
      "  }",
    ];
  }

  toJson(fields, requestName) {
    return [
      ...(requestName === undefined ? [] : ["  @Override"]),
      "  public JSONObject toJson() throws JSONException {",
      "    JSONObject json = new JSONObject();",
      ...(requestName === undefined ? [] : [`    json.put("@type", "${requestName}");`]),
      ...fields.map((field) => `    ${this.writing(field)}`),
      "    return json;",
      "  }",
    ];
  }

  structure({ name, fields }) {
    return joined([
      [`public final class ${name} {`, ...this.declarations(fields)],
      ...(this.read.has(name) ? [this.constructorFromJson(name, fields)] : []),
      ...(this.written.has(name)
        ? [this.constructorFromFields(name, fields), this.toJson(fields)] : []),
    ]);
  }

  request({ name, answer, fields }) {
    const own = `${capital(name)}Request`;
    return joined([
      [`public final class ${own} extends Request<${answer}> {`, ...this.declarations(fields)],
      this.constructorFromFields(own, fields),
      this.toJson(fields, name),
      [
        "  @Override", `  public ${answer} answer(JSONObject json) throws JSONException {`,
        `    return new ${answer}(json);`, "  }",
      ],
    ]);
  }

  event({ name, fields }) {
    const own = `${capital(name)}Event`;
    return joined([
      [`public final class ${own} extends Event {`, ...this.declarations(fields)],
      this.constructorFromJson(own, fields),
    ]);
  }

  anyEvent() {
    return joined([
      ["/** What the core tells without being asked. */", "public abstract class Event {"],
      [
        "  /** An event as the core gives it. */",
        "  public static Event of(JSONObject json) throws JSONException {",
        '    String type = json.getString("@type");',
        "    switch (type) {",
        ...this.api.events.flatMap(({ name }) => [
          `      case "${name}":`, `        return new ${capital(name)}Event(json);`,
        ]),
        "      default:",
        "        throw new JSONException(type);",
        "    }",
        "  }",
      ],
    ]);
  }

  enumeration({ name, words }) {
    return joined([
      [
        `public enum ${name} {`,
        ...words.map((word, i) =>
          `  ${word.toUpperCase()}("${word}")${i + 1 === words.length ? ";" : ","}`),
      ],
      ["  /** As the core writes it. */", "  public final String word;"],
      [`  ${name}(String word) {`, "    this.word = word;", "  }"],
      ...(this.read.has(name) ? [[
        `  static ${name} of(String word) throws JSONException {`,
        `    for (${name} value : values()) {`,
        "      if (value.word.equals(word)) return value;",
        "    }",
        `    throw new JSONException("${name}: " + word);`,
        "  }",
      ]] : []),
    ]);
  }
}

/** Parts of a class with an empty line between them, and its end. */
function joined(parts) {
  const lines = [];
  for (const part of parts) {
    if (lines.length > 0 && !lines.at(-1).endsWith("{")) lines.push("");
    lines.push(...part.flatMap(folded));
  }
  return [...lines, "}"];
}

/** A line that is too long goes on after its condition. */
function folded(line) {
  if (line.length <= columns) return [line];
  const at = line.search(line.includes(" ? ") ? / \? / : /(?<=\)) /);
  return [line.slice(0, at), `      ${line.slice(at + 1)}`];
}

/** Parameters in as few lines as they fit in. */
function wrapped(all, indent) {
  const lines = [indent];
  all.forEach((one, i) => {
    const text = one + (i + 1 === all.length ? ") {" : ", ");
    if (lines.at(-1).length + text.trimEnd().length > columns) lines.push(indent);
    lines[lines.length - 1] += text;
  });
  return lines.map((line) => line.trimEnd());
}

const imports = [
  [/\bBase64\b/, "java.util.Base64"], [/\bList</, "java.util.List"],
  [/\bJSONArray\b/, "org.json.JSONArray"], [/\bJSONException\b/, "org.json.JSONException"],
  [/\bJSONObject\b/, "org.json.JSONObject"],
];

function file(body) {
  const text = body.join("\n");
  const used = imports.filter(([name]) => name.test(text)).map(([, path]) => `import ${path};`);
  return `${[
    header, "package vn.tannha.core.api;", "", ...(used.length > 0 ? [...used, ""] : []), text,
  ].join("\n")}\n`;
}

/** @return { folder, header, files }: text by path, and how files that this has made are known */
export function java(api) {
  const classes = new Classes(api);
  const files = new Map();
  const add = (name, body) => {
    const path = `${folder}/${name}.java`;
    if (files.has(path)) throw new Error(`two classes ${name}`);
    files.set(path, file(body));
  };
  for (const request of api.requests) {
    add(`${capital(request.name)}Request`, classes.request(request));
  }
  for (const event of api.events) add(`${capital(event.name)}Event`, classes.event(event));
  add("Event", classes.anyEvent());
  for (const type of [...api.beside, ...api.types]) add(type.name, classes.structure(type));
  for (const words of api.words) add(words.name, classes.enumeration(words));
  return { folder, header, files };
}
