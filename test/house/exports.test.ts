// What modules export. One name, one thing: two exports of one name are taken for the same thing. And what may be left out
// may be `undefined`: under exactOptionalPropertyTypes a type has to say so.
import { fileURLToPath } from "node:url";
import type ts from "typescript";
import { expect, test } from "vitest";
import { ENTRY_POINTS } from "../../entry-points.js";
import compiler from "./compiler.js";

const SOURCES = fileURLToPath(new URL("../../src/", import.meta.url));
const MODULES = compiler.sys.readDirectory(SOURCES, [".ts"], ["**/*.test.ts"]);
const program = parsed();

/** Exported types whose optional properties nobody passes as options. */
const NO_OPTIONS: readonly string[] = [
  ...["TransformationState", "MultiOptimizerState", "Arrays"], // a tree has a leaf or it has none
  ...["Traits", "Start"], // what is read from JSON or sent by our own code
  ...["Configurable", "GpuArray"], // fields of live objects
];

test("no two modules export different things under one name, except classes that several faces offer their users", () => {
  const shown = new Set(ENTRY_POINTS.flatMap(({ module }) => exportsOf(`${SOURCES}${module}.ts`)));
  const byName = new Map<string, Set<ts.Symbol>>();
  for (const symbol of MODULES.flatMap(exportsOf))
    byName.set(symbol.name, (byName.get(symbol.name) ?? new Set()).add(symbol));
  const doubles = [...byName.values()].filter((symbols) => symbols.size > 1);
  // The faces have a Variable and an RMSprop each: the search finds those at least.
  expect(doubles.length).toBeGreaterThan(2);
  const confusing = doubles.filter((symbols) => [...symbols].some((symbol) => !shown.has(symbol)));
  expect(confusing.map((symbols) => [...symbols].map(placeOf))).toEqual([]);
});

test("every property that may be left out may be undefined", () => {
  const found = MODULES.flatMap(optionalProperties);
  expect(found.length).toBeGreaterThan(80);
  const strict = found.filter(({ owner, takesUndefined }) => !takesUndefined && !NO_OPTIONS.includes(owner));
  expect(strict.map(({ owner, name }) => `${owner}.${name}`)).toEqual([]);
});

/** The modules of the package; what they import from others is not asked for. */
function parsed(): ts.Program {
  const options = {
    target: compiler.ScriptTarget.ES2022,
    module: compiler.ModuleKind.NodeNext,
    noLib: true,
    types: [],
  };
  const host = compiler.createCompilerHost(options);
  const getSourceFile: ts.CompilerHost["getSourceFile"] = (path, ...how) =>
    path.startsWith(SOURCES) ? host.getSourceFile(path, ...how) : undefined;
  return compiler.createProgram(MODULES, options, { ...host, getSourceFile });
}

const sourceOf = (path: string): ts.SourceFile => program.getSourceFile(path) as ts.SourceFile; // one of its own

/** What a module exports, wherever it was declared. */
function exportsOf(path: string): ts.Symbol[] {
  const checker = program.getTypeChecker();
  const module = checker.getSymbolAtLocation(sourceOf(path));
  const exported = module === undefined ? [] : checker.getExportsOfModule(module);
  return exported.map((symbol) =>
    symbol.flags & compiler.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol,
  );
}

function placeOf(symbol: ts.Symbol): string {
  return `${symbol.name} of ${symbol.declarations?.[0]?.getSourceFile().fileName.slice(SOURCES.length)}`;
}

interface OptionalProperty {
  /** The type that declares it. */
  readonly owner: string;
  readonly name: string;
  readonly takesUndefined: boolean;
}

function optionalProperties(path: string): OptionalProperty[] {
  const file = sourceOf(path);
  const found: OptionalProperty[] = [];
  const visit = (node: ts.Node, owner: string): void => {
    if (compiler.isPropertySignature(node) && node.questionToken)
      found.push({ owner, name: node.name.getText(file), takesUndefined: takesUndefined(node.type) });
    compiler.forEachChild(node, (child) => visit(child, owner));
  };
  for (const statement of file.statements) if (isExportedType(statement)) visit(statement, statement.name.text);
  return found;
}

function isExportedType(node: ts.Statement): node is ts.InterfaceDeclaration | ts.TypeAliasDeclaration {
  if (!compiler.isInterfaceDeclaration(node) && !compiler.isTypeAliasDeclaration(node)) return false;
  return node.modifiers?.some(({ kind }) => kind === compiler.SyntaxKind.ExportKeyword) ?? false;
}

function takesUndefined(type: ts.TypeNode | undefined): boolean {
  if (type === undefined || type.kind === compiler.SyntaxKind.UnknownKeyword) return true;
  return compiler.isUnionTypeNode(type) && type.types.some(({ kind }) => kind === compiler.SyntaxKind.UndefinedKeyword);
}
