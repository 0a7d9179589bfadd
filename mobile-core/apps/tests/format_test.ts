import assert from "node:assert/strict";
import { test } from "node:test";
import { date, dateTime, isToday, money, phone, size, time } from "../shared/format";

const morning = new Date(2026, 10, 5, 8, 4).getTime();

test("money, days and hours are written as on the papers", () => {
  assert.equal(money(1234567), "1.234.567 đồng");
  assert.equal(money(0), "0 đồng");
  assert.equal(date(morning), "05/11/2026");
  assert.equal(time(morning), "08:04");
  assert.equal(dateTime(new Date(2026, 10, 5, 23, 59).getTime()), "23:59 05/11/2026");
});

test("today ends at midnight", () => {
  assert.ok(isToday(morning, new Date(2026, 10, 5, 23, 59).getTime()));
  assert.ok(!isToday(morning, new Date(2026, 10, 6, 0, 0).getTime()));
});

test("sizes are rounded to what a person compares", () => {
  assert.equal(size(0), "0 B");
  assert.equal(size(999), "999 B");
  assert.equal(size(1000), "1 kB");
  assert.equal(size(2_410_000), "2,4 MB");
});

test("phone numbers are grouped as they are read out", () => {
  assert.equal(phone("+84912345678"), "0912 345 678");
  assert.equal(phone("+842432345678"), "0243 234 5678");
  assert.equal(phone("+33123456789"), "+33123456789");
  assert.equal(phone(""), "");
});
