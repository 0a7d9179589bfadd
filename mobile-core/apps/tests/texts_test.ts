import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { en } from "../courier/texts/en";
import { vi } from "../courier/texts/vi";

type Table = Readonly<Record<string, string>>;
const tables: readonly (readonly [string, Table])[] = [
  ["vi", vi],
  ["en", en],
];
const values = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory()
      ? entry.name === "texts"
        ? []
        : sources(join(folder, entry.name))
      : /\.tsx?$/.test(entry.name)
        ? [readFileSync(join(folder, entry.name), "utf8")]
        : [],
  );
}

test("both languages have the same texts", () => {
  assert.deepEqual(Object.keys(en).sort(), Object.keys(vi).sort());
});

test("a text takes the same values in both languages", () => {
  for (const [key, text] of Object.entries(vi)) {
    assert.deepEqual(values((en as Table)[key] ?? ""), values(text), key);
  }
});

test("no text is empty", () => {
  for (const [language, table] of tables) {
    for (const [key, text] of Object.entries(table))
      assert.notEqual(text.trim(), "", `${language} ${key}`);
  }
});

test("Vietnamese is written in composed letters", () => {
  for (const [key, text] of Object.entries(vi)) assert.equal(text, text.normalize("NFC"), key);
});

test("every text is shown somewhere", () => {
  const code = sources(join(process.env["TANNHA_APPS"]!, "courier")).join("\n");
  const made = [...code.matchAll(/[`"]([a-z]+)\.\$\{/g)].map((match) => match[1] + ".");
  made.push(...[...code.matchAll(/"([a-z]+)\." \+/g)].map((match) => match[1] + "."));
  const unused = Object.keys(vi).filter(
    (key) => !code.includes(`"${key}"`) && !made.some((start) => key.startsWith(start)),
  );
  assert.deepEqual(unused, []);
});
