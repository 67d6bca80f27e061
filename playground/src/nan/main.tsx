// Where the page about NaN starts: its text is there without script, the part that computes goes in its place.
import { render } from "preact";
import { registerOffline } from "../offline.js";
import { Explorer } from "./explorer.js";

const root = document.getElementById("explorer");
if (root) {
  root.replaceChildren();
  render(<Explorer />, root);
}
registerOffline("../sw.js");
