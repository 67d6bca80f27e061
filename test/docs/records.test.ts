// Machine code that the guide shows: it depends on V8 and the processor, so it is compared with the loop that it was made of.
import { expect, test } from "vitest";
import { blocksMarked, blocksOf, placeOf } from "./blocks.js";
import { countsOf } from "./wasm.js";

/** What V8 makes of an operation on vectors, on x64. */
const INSTRUCTIONS: Readonly<Record<string, RegExp>> = {
  "f32x4.add": /^vaddps /gm,
  "f32x4.sub": /^vsubps /gm,
  "f32x4.mul": /^vmulps /gm,
  "f32x4.div": /^vdivps /gm,
  "f32x4.sqrt": /^vsqrtps /gm,
  "v128.load": /^vmovdqu xmm\d+,XMMWORD/gm,
  "v128.store": /^vmovdqu XMMWORD/gm,
};
/** V8 has unrolled the loop once. */
const TURNS = 2;

test.each(blocksMarked("record"))("$page: each operation of the loop is one instruction", (record) => {
  const loop = blocksOf(record.page).findLast(({ language, line }) => language === "wasm" && line < record.line);
  expect(loop, placeOf(record)).toBeDefined();
  const counts = Object.entries(INSTRUCTIONS).map(([name, pattern]) => [name, record.code.match(pattern)?.length]);
  expect(Object.fromEntries(counts)).toEqual(countsOf(loop?.code ?? "", TURNS));
});
