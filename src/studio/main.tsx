// The page's entrance.
import { render } from "preact";
import "./style/tokens.css";
import "./style/base.css";
import "./style/shell.css";
import "./style/parts.css";
import "./style/media.css";
import { Shell } from "./shell.tsx";
import { start } from "./state/store.ts";

render(<Shell />, document.getElementById("studio")!);
start();
