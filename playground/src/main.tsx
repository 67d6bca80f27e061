// Where the page starts.
import { render } from "preact";
import { App } from "./app.js";
import { registerOffline } from "./offline.js";

const root = document.getElementById("app");
if (root) render(<App />, root);
registerOffline("sw.js");
