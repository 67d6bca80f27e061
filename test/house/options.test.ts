// What may be left out may be `undefined`: under exactOptionalPropertyTypes a type has to say so.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { expect, test } from "vitest";

const SOURCES = fileURLToPath(new URL("../../src/", import.meta.url));

/** Exported types whose optional properties nobody passes as options. */
const NO_OPTIONS: readonly string[] = [
  ...["TransformationState", "MultiOptimizerState", "Arrays"], // a tree has a leaf or it has none
  ...["Traits", "Start"], // what is read from JSON or sent by our own code
  ...["Configurable", "GpuArray"], // fields of live objects
];

test("every property that may be left out may be undefined", () => {
  const found = ts.sys.readDirectory(SOURCES, [".ts"], ["**/*.test.ts"]).flatMap(optionalProperties);
  expect(found.length).toBeGreaterThan(80);
  const strict = found.filter(({ owner, takesUndefined }) => !takesUndefined && !NO_OPTIONS.includes(owner));
  expect(strict.map(({ owner, name }) => `${owner}.${name}`)).toEqual([]);
});

interface OptionalProperty {
  /** The type that declares it. */
  readonly owner: string;
  readonly name: string;
  readonly takesUndefined: boolean;
}

function optionalProperties(path: string): OptionalProperty[] {
  const file = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.ES2022, true);
  const found: OptionalProperty[] = [];
  const visit = (node: ts.Node, owner: string): void => {
    if (ts.isPropertySignature(node) && node.questionToken)
      found.push({ owner, name: node.name.getText(), takesUndefined: takesUndefined(node.type) });
    ts.forEachChild(node, (child) => visit(child, owner));
  };
  for (const statement of file.statements) if (isExportedType(statement)) visit(statement, statement.name.text);
  return found;
}

function isExportedType(node: ts.Statement): node is ts.InterfaceDeclaration | ts.TypeAliasDeclaration {
  if (!ts.isInterfaceDeclaration(node) && !ts.isTypeAliasDeclaration(node)) return false;
  return node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false;
}

function takesUndefined(type: ts.TypeNode | undefined): boolean {
  if (type === undefined || type.kind === ts.SyntaxKind.UnknownKeyword) return true;
  return ts.isUnionTypeNode(type) && type.types.some(({ kind }) => kind === ts.SyntaxKind.UndefinedKeyword);
}
