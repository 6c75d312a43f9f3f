// The report's entrance: reads the run's data from the page's JSON and renders them.
import { render } from "preact";
import type { ReportData } from "../../files/report-page.ts";
import "../style/tokens.css";
import "../style/base.css";
import "../style/parts.css";
import "./report.css";
import { Report } from "./report-view.tsx";

const data = JSON.parse(document.getElementById("run")!.textContent) as ReportData;
document.title = `${data.run} – Deltaprop report`;
render(<Report data={data} />, document.getElementById("report")!);
