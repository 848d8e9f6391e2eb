// The one chart element of the portal: `<turnpike-chart option="…">` draws an ECharts option
// that the server built. It is an element rather than a library so that its life follows the
// DOM's: whoever removes it (the router, a reload of data) also disposes of the chart.
import * as echarts from "echarts/core";
import { BarChart, LineChart } from "echarts/charts";
import { AriaComponent, AxisPointerComponent, BrushComponent, GridComponent, TooltipComponent } from "echarts/components";
import { CanvasRenderer } from "echarts/renderers";

echarts.use([BarChart, LineChart, AriaComponent, AxisPointerComponent, BrushComponent, GridComponent, TooltipComponent, CanvasRenderer]);

// JSON holds no functions and the content policy allows no eval, so an option names its
// formatter: "fn:count", "fn:ms", "fn:percent", "fn:money:USD".
const number = (options) => {
  const format = new Intl.NumberFormat("en", options);
  return (value) => (value == null ? "–" : format.format(value));
};
const formatters = {
  count: () => number({ maximumFractionDigits: 0 }),
  compact: () => number({ notation: "compact" }),
  ms: () => (value) => (value == null ? "–" : value < 1000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(2)} s`),
  percent: () => (value) => (value == null ? "–" : `${Number(value).toFixed(1)} %`),
  money: (currency) => number({ style: "currency", currency, maximumFractionDigits: 4 }),
};

// The viewer's own zone and habits, as for every time that the page writes.
const moment = new Intl.DateTimeFormat("en", { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hour12: false });

class TurnpikeChart extends HTMLElement {
  static observedAttributes = ["option"];

  connectedCallback() {
    // Drawn in a shadow root: hydration must find this element as empty as the server left it.
    if (!this.shadowRoot) {
      const canvas = document.createElement("div");
      canvas.style.cssText = "width:100%;height:100%";
      this.attachShadow({ mode: "open" }).append(canvas);
    }
    this.chart = echarts.init(this.shadowRoot.firstChild, null, { renderer: "canvas" });
    this.chart.on("brushEnd", (event) => this.zoom(event.areas[0]?.coordRange));
    this.draw();
    const redraw = () => this.draw();
    this.resizes = new ResizeObserver(() => this.chart.resize());
    this.resizes.observe(this);
    this.themes = new MutationObserver(redraw);
    this.themes.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    this.scheme = matchMedia("(prefers-color-scheme: dark)");
    this.scheme.addEventListener("change", (this.redraw = redraw));
  }

  disconnectedCallback() {
    this.resizes.disconnect();
    this.themes.disconnect();
    this.scheme.removeEventListener("change", this.redraw);
    this.chart.dispose();
    this.chart = undefined;
  }

  attributeChangedCallback() {
    if (this.chart) this.draw();
  }

  draw() {
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const option = JSON.parse(this.getAttribute("option") || "{}", (_key, value) => this.revive(value));
    this.chart.setOption({ animation: !still, animationDuration: 180, ...this.dressed(option) }, { notMerge: true });
    if (this.dataset.zoom) {
      const brushOption = { brushType: "lineX", brushMode: "single" };
      this.chart.dispatchAction({ type: "takeGlobalCursor", key: "brush", brushOption });
    }
  }

  // The server says what is drawn; how it looks is said once, here, in the page's own colours.
  dressed(option) {
    const [text, subtle, border, control, surface, accent] = ["text", "subtle", "border", "control", "surface", "accent"].map((name) => this.colour(`var(--${name})`));
    const fontFamily = getComputedStyle(this).fontFamily;
    const axis = ({ axisLabel, ...given }) => ({
      axisLine: { show: false },
      axisTick: { show: false },
      splitNumber: given.type === "value" ? 4 : undefined,
      splitLine: { show: given.type === "value", lineStyle: { color: border } },
      axisPointer: given.type === "time" ? { label: { formatter: ({ value }) => moment.format(value) } } : undefined,
      ...given,
      axisLabel: { color: subtle, fontSize: 11, hideOverlap: true, ...axisLabel },
    });
    const series = (given) => (given.type === "line" ? { showSymbol: false, symbolSize: 6, lineStyle: { width: 1.5, ...given.lineStyle }, ...given } : { barMaxWidth: 24, ...given });
    return {
      ...option,
      textStyle: { fontFamily },
      grid: { left: 0, right: 4, top: 8, bottom: 24, ...[option.grid].flat()[0] },
      // Text on the canvas, because the policy forbids the inline styles of an HTML tooltip.
      tooltip: {
        trigger: "axis", confine: true, renderMode: "richText", backgroundColor: surface, borderColor: border, padding: 10,
        textStyle: { color: text, fontSize: 12, fontFamily }, axisPointer: { lineStyle: { color: control } }, ...option.tooltip,
      },
      brush: this.dataset.zoom ? { toolbox: [], xAxisIndex: 0, brushStyle: { color: accent.replace(/[^,]+\)$/, "0.15)"), borderWidth: 0 } } : undefined,
      xAxis: [option.xAxis ?? []].flat().map(axis),
      yAxis: [option.yAxis ?? []].flat().map(axis),
      series: [option.series ?? []].flat().map(series),
    };
  }

  revive(value) {
    if (typeof value !== "string") return value;
    if (value.startsWith("var(--")) return this.colour(value);
    const [kind, name, argument] = value.split(":");
    return kind === "fn" && formatters[name] ? formatters[name](argument) : value;
  }

  // A canvas knows neither custom properties nor every colour space, so the page's own colour
  // is painted once and read back as plain rgba.
  colour(value) {
    this.style.color = value;
    const context = (TurnpikeChart.probe ??= new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true }));
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = getComputedStyle(this).color;
    context.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = context.getImageData(0, 0, 1, 1).data;
    return `rgba(${red},${green},${blue},${alpha / 255})`;
  }

  // Dragging over the time axis follows `data-zoom`, a URL with {from} and {to}. A click on a
  // link is what the router listens for, so the page changes without a reload.
  zoom(range) {
    if (!range || !this.dataset.zoom) return;
    const [from, to] = range.map((at) => new Date(at).toISOString());
    const link = document.createElement("a");
    link.href = this.dataset.zoom.replace("{from}", from).replace("{to}", to);
    document.body.append(link);
    link.click();
    link.remove();
  }
}

customElements.define("turnpike-chart", TurnpikeChart);
