// Members of one class for another one, which has to extend a class of another library.

/** A class that extends `base` and has the members of `source`. Whoever extends it knows its type. */
export function membersOn(base: abstract new () => object, source: { readonly prototype: object }): unknown {
  const created = class extends base {};
  const { constructor: _, ...members } = Object.getOwnPropertyDescriptors(source.prototype);
  Object.defineProperties(created.prototype, members);
  return created;
}
