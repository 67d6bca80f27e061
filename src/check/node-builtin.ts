// Node's own modules, where there are any.

/** A module of Node's own, without an import that a bundler for pages would stumble over. */
export function builtin<T>(name: string): T | null {
  const process: unknown = Reflect.get(globalThis, "process");
  if (typeof process !== "object" || process === null || !("getBuiltinModule" in process)) return null;
  // It is looked for before.
  const { getBuiltinModule } = process as { getBuiltinModule: (name: string) => T | undefined };
  return getBuiltinModule(name) ?? null;
}
