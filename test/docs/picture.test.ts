// The picture of the README.
import { expect, test } from "vitest";
import { readmePicture } from "../../playground/docs/preview.js";

test("the README's picture shows the paths that this package computes", async () => {
  await expect(readmePicture()).toMatchFileSnapshot("../../docs/paths.svg");
});
