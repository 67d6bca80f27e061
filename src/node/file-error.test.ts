// Errors of the system are those of another realm where the program runs in one of its own, as under Jest.
import vm from "node:vm";
import { expect, test } from "vitest";
import { codeOf } from "./file-error.js";

const elsewhere = vm.createContext({});

test.each([
  ["of this realm", Object.assign(new Error("no entry"), { code: "ENOENT" }), "ENOENT"],
  [
    "of another realm",
    vm.runInContext("Object.assign(new Error('no entry'), { code: 'ENOENT' })", elsewhere),
    "ENOENT",
  ],
  ["without a code", new Error("no entry"), null],
  ["that is none", { code: "ENOENT" }, null],
])("an error %s", (_, error, code) => {
  expect(codeOf(error)).toBe(code);
});
