// Where the page starts.
import { render } from "preact";
import { App } from "./app.js";

const root = document.getElementById("app");
if (root) render(<App />, root);

// Without it the page works, but not offline. While the page is developed, nothing may be kept.
if (import.meta.env.PROD && "serviceWorker" in navigator)
  navigator.serviceWorker.register("sw.js", { updateViaCache: "none" }).catch(() => undefined);
