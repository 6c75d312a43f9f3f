// The page's entrance.
import { render } from "preact";
import "./style/tokens.css";
import "./style/base.css";
import "./style/shell.css";
import "./style/parts.css";
import "./style/media.css";
import "./style/hide.css";
import { fetchLesson } from "./lessons/open-lesson.ts";
import { Shell } from "./shell.tsx";
import { DEFAULT_SETUP } from "./state/setup.ts";
import { lesson, setup, start } from "./state/store.ts";

render(<Shell />, document.getElementById("studio")!);
const named = lesson.value;
void start().then(() => {
  // a lesson's file opens its first run, unless the address has one of its own
  if (named.endsWith(".md")) return fetchLesson(named, JSON.stringify(setup.value) === JSON.stringify(DEFAULT_SETUP));
});
