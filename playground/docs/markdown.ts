// From markdown to HTML: code in colours, headings with anchors, tables that scroll by themselves. Where links lead is the
// caller's.
import GithubSlugger from "github-slugger";
import highlighter from "highlight.js/lib/common";
import wasm from "highlight.js/lib/languages/wasm";
import MarkdownIt from "markdown-it";

highlighter.registerLanguage("wasm", wasm);

/** A heading below the title. */
interface Heading {
  readonly id: string;
  readonly html: string;
}

/** A page's text. */
export interface Rendered {
  /** The text of the first heading. */
  readonly title: string;
  readonly html: string;
  /** The first paragraph, as text, or as much of it as a search engine shows. */
  readonly description: string;
  /** Second-level headings, for the list of what is on the page. */
  readonly headings: readonly Heading[];
}

/** Renders a page; `resolve` says where a link or picture leads in the site. */
export function renderMarkdown(text: string, resolve: (link: string) => string): Rendered {
  const markdown = new MarkdownIt({ html: true, highlight });
  const tokens = markdown.parse(text, {});
  const slugger = new GithubSlugger();
  const headings: Heading[] = [];
  let [title, description] = ["", ""];
  for (const [i, token] of tokens.entries()) {
    for (const child of token.children ?? []) {
      for (const name of ["href", "src"]) {
        const link = child.attrGet(name);
        if (link !== null) child.attrSet(name, resolve(String(link)));
      }
    }
    // Columns of numbers: markdown-it says it in a style of its own, which the site's policy refuses.
    if (token.attrGet("style") === "text-align:right") token.attrs = [["class", "right"]];
    const inline = tokens[i + 1];
    const words = (inline?.children ?? []).map(({ content, type }) => (type === "softbreak" ? " " : content)).join("");
    if (token.type === "paragraph_open") description ||= shortened(words);
    if (token.type !== "heading_open") continue;
    const id = slugger.slug(words);
    token.attrSet("id", id);
    if (token.tag === "h1") title ||= words;
    else if (token.tag === "h2") headings.push({ id, html: markdown.renderInline(inline?.content ?? "") });
  }
  return { title, description, html: finished(markdown.renderer.render(tokens, markdown.options, {})), headings };
}

const DESCRIPTION_LENGTH = 200;

/** The whole words at the beginning. */
function shortened(text: string): string {
  return text.length <= DESCRIPTION_LENGTH ? text : `${text.slice(0, DESCRIPTION_LENGTH).replace(/\s+\S*$/, "")} ...`;
}

/** A file of code as a page. */
export function renderCode(text: string, language: string): string {
  return finished(`<pre><code>${highlight(text, language)}</code></pre>`);
}

/** Code in colours, as elements with classes. */
export function highlight(code: string, language: string): string {
  if (highlighter.getLanguage(language)) return highlighter.highlight(code, { language }).value;
  return new MarkdownIt().utils.escapeHtml(code);
}

/** What scrolls sideways can be reached by keyboard; a heading has a link to itself. */
function finished(html: string): string {
  return html
    .replaceAll("<pre>", '<pre tabindex="0">')
    .replaceAll("<table>", '<div class="scroll" tabindex="0"><table>')
    .replaceAll("</table>", "</table></div>")
    .replace(
      /<(h[2-6]) id="([^"]+)">(.*?)<\/\1>/g,
      '<$1 id="$2">$3 <a class="anchor" href="#$2" aria-label="Link to this part">#</a></$1>',
    );
}
