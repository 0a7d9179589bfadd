import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import * as citizenEn from "../citizen/texts/en";
import * as citizenVi from "../citizen/texts/vi";
import * as courierEn from "../courier/texts/en";
import * as courierVi from "../courier/texts/vi";
import * as officerEn from "../officer/texts/en";
import * as officerVi from "../officer/texts/vi";

type Table = Readonly<Record<string, string>>;
const apps: Readonly<Record<string, { readonly vi: Table; readonly en: Table }>> = {
  citizen: { ...citizenVi, ...citizenEn },
  courier: { ...courierVi, ...courierEn },
  officer: { ...officerVi, ...officerEn },
};
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

for (const [app, { vi, en }] of Object.entries(apps)) {
  test(`${app}: both languages have the same texts`, () => {
    assert.deepEqual(Object.keys(en).sort(), Object.keys(vi).sort());
  });

  test(`${app}: a text takes the same values in both languages`, () => {
    for (const [key, text] of Object.entries(vi)) {
      assert.deepEqual(values(en[key] ?? ""), values(text), key);
    }
  });

  test(`${app}: no text is empty`, () => {
    for (const [language, table] of Object.entries({ vi, en })) {
      for (const [key, text] of Object.entries(table)) {
        assert.notEqual(text.trim(), "", `${language} ${key}`);
      }
    }
  });

  test(`${app}: Vietnamese is written in composed letters`, () => {
    for (const [key, text] of Object.entries(vi)) assert.equal(text, text.normalize("NFC"), key);
  });

  test(`${app}: every text is shown somewhere`, () => {
    const code = sources(join(process.env["TANNHA_APPS"]!, app)).join("\n");
    const made = [...code.matchAll(/[`"]([a-z]+)\.\$\{/g)].map((match) => match[1] + ".");
    made.push(...[...code.matchAll(/"([a-z]+)\." \+/g)].map((match) => match[1] + "."));
    const unused = Object.keys(vi).filter(
      (key) => !code.includes(`"${key}"`) && !made.some((start) => key.startsWith(start)),
    );
    assert.deepEqual(unused, []);
  });
}
