// Of the chart library what the charts use: named one by one, the rest of it is not loaded.
export { areaY, dot, gridY, line, lineY, plot, ruleX, ruleY } from "@observablehq/plot";
