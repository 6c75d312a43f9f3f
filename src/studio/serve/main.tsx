// The page of `deltaprop serve`: a model is asked with a form, a drawing or a picture.
import { render } from "preact";
import "../style/tokens.css";
import "../style/base.css";
import "../style/parts.css";
import "./serve.css";
import { ServeView } from "./serve-view.tsx";

render(<ServeView />, document.getElementById("serve")!);
