// @ts-check
// Runs in the pages of the API reference before TypeDoc's own script, in place of what its pages have inline, which the
// site's policy refuses.

const page = /** @type {any} */ (globalThis);

// The reader's choice of light and dark, before the page is drawn.
page.document.documentElement.dataset.theme = page.localStorage.getItem("tsd-theme") || "os";

/** What TypeDoc's script takes for a style element: its text becomes a style sheet without being inline. */
page.styleElement = () => {
  const sheet = new CSSStyleSheet();
  page.document.adoptedStyleSheets.push(sheet);
  let text = "";
  return {
    dataset: {},
    get innerHTML() {
      return text;
    },
    set innerHTML(value) {
      text = value;
      sheet.replaceSync(value);
    },
  };
};
