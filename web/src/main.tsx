import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { MARK_STYLE } from "../../src/report/figures/palette.ts";
import { App } from "./app.tsx";
import { applyTheme, readTheme } from "./lib/theme.ts";
import { takeToken } from "./lib/token.ts";
import "./styles/index.css";

takeToken();
applyTheme(readTheme());

// the marks of figures look as in the report; made by script, which the page's policy allows where an inline sheet would be refused
const marks = new CSSStyleSheet();
marks.replaceSync(MARK_STYLE);
document.adoptedStyleSheets.push(marks);

const root = document.getElementById("app");
if (root === null) throw new Error("index.html has no element with the id app");
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
