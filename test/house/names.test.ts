// One name, one thing: two exports of one name are taken for the same thing.
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { expect, test } from "vitest";
import { ENTRY_POINTS } from "../../entry-points.js";

const SOURCES = fileURLToPath(new URL("../../src/", import.meta.url));

test("no two modules export different things under one name, except classes that several faces offer their users", () => {
  const options = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.NodeNext, noLib: true, types: [] };
  const host = ts.createCompilerHost(options);
  // What others export is not asked for.
  const getSourceFile: ts.CompilerHost["getSourceFile"] = (path, ...how) =>
    path.startsWith(SOURCES) ? host.getSourceFile(path, ...how) : undefined;
  const program = ts.createProgram(modules(), options, { ...host, getSourceFile });
  const checker = program.getTypeChecker();
  const exportsOf = (path: string): ts.Symbol[] => {
    const module = checker.getSymbolAtLocation(program.getSourceFile(path) as ts.SourceFile);
    return module === undefined ? [] : checker.getExportsOfModule(module).map((symbol) => declared(checker, symbol));
  };
  const shown = new Set(ENTRY_POINTS.flatMap(({ module }) => exportsOf(`${SOURCES}${module}.ts`)));
  const byName = new Map<string, Set<ts.Symbol>>();
  for (const symbol of modules().flatMap(exportsOf))
    byName.set(symbol.name, (byName.get(symbol.name) ?? new Set()).add(symbol));
  const doubles = [...byName.values()].filter((symbols) => symbols.size > 1);
  // The faces have a Variable and an RMSprop each: the search finds those at least.
  expect(doubles.length).toBeGreaterThan(2);
  const confusing = doubles.filter((symbols) => [...symbols].some((symbol) => !shown.has(symbol)));
  expect(confusing.map((symbols) => [...symbols].map(placeOf))).toEqual([]);
});

function modules(): string[] {
  return ts.sys.readDirectory(SOURCES, [".ts"], ["**/*.test.ts"]);
}

/** The symbol that an export stands for, wherever it was declared. */
function declared(checker: ts.TypeChecker, symbol: ts.Symbol): ts.Symbol {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

function placeOf(symbol: ts.Symbol): string {
  return `${symbol.name} of ${symbol.declarations?.[0]?.getSourceFile().fileName.slice(SOURCES.length)}`;
}
