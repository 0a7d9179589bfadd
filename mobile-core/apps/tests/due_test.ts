import assert from "node:assert/strict";
import { test } from "node:test";
import { daysUntil, groupOf } from "../officer/due";

const at = (text: string) => new Date(text).getTime();

test("a due time earlier today is still today", () => {
  assert.equal(groupOf(at("2026-11-23T08:00"), at("2026-11-23T17:30")), "today");
});

test("a minute before midnight yesterday is a day over", () => {
  assert.equal(daysUntil(at("2026-11-22T23:59"), at("2026-11-23T00:01")), -1);
  assert.equal(groupOf(at("2026-11-22T23:59"), at("2026-11-23T00:01")), "overdue");
});

test("a week ends with its seventh day", () => {
  const now = at("2026-11-23T10:00");
  assert.equal(groupOf(at("2026-11-24T00:00"), now), "week");
  assert.equal(groupOf(at("2026-11-30T23:59"), now), "week");
  assert.equal(groupOf(at("2026-12-01T00:00"), now), "later");
});

test("over the end of a month and of a year days are counted on", () => {
  assert.equal(daysUntil(at("2027-01-01T00:00"), at("2026-12-30T23:00")), 2);
});

test("what has no date is neither late nor later", () => {
  assert.equal(groupOf(undefined, at("2026-11-23T10:00")), "none");
});
