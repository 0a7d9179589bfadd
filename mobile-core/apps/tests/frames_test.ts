import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameReader, framesOf } from "../shared/frames";

const long = Array.from({ length: 2000 }, (_, i) => String.fromCharCode(97 + ((i * 7) % 26))).join(
  "",
);

function readAll(reader: FrameReader, frames: readonly string[]): string | undefined {
  let whole: string | undefined;
  for (const frame of frames) whole = reader.take(frame) ?? whole;
  return whole;
}

test("what is no frame changes nothing", () => {
  const reader = new FrameReader();
  for (const text of [
    "",
    "TNF1",
    "TNF1.12345678.0.0.",
    "TNF1.12345678.2.2.x",
    "TNF1.12345678.0.65.x",
    "037160100200||Nguyễn Thị Phúc|01011960|Nữ|Thôn Đoài|15042021",
  ]) {
    assert.equal(reader.take(text), undefined);
    assert.equal(reader.of, 0);
  }
});

test("a missing part keeps the text back", () => {
  const frames = framesOf(long);
  const reader = new FrameReader();
  assert.equal(readAll(reader, frames.slice(1)), undefined);
  assert.equal(reader.done, frames.length - 1);
  assert.equal(reader.take(frames[0]!), long);
});

test("frames may come in any order and more than once", () => {
  const frames = framesOf(long);
  assert.equal(readAll(new FrameReader(), [...frames, ...frames].reverse()), long);
});

test("parts of two texts are never put together", () => {
  const reader = new FrameReader();
  const other = framesOf(long.toUpperCase());
  readAll(reader, framesOf(long).slice(0, 4));
  assert.equal(readAll(reader, other.slice(4)), undefined);
  assert.equal(readAll(reader, other), long.toUpperCase());
});

test("a damaged part is noticed and read again", () => {
  const frames = framesOf(long);
  const reader = new FrameReader();
  const damaged = frames[0]!.slice(0, -1) + "#";
  assert.equal(readAll(reader, [damaged, ...frames.slice(1)]), undefined);
  assert.equal(readAll(reader, frames), long);
});

test("a frame fits a code that old cameras read", () => {
  for (const frame of framesOf(long)) assert.ok(frame.length <= 300, String(frame.length));
});
