// Writes ../../public/icons.svg: the few Lucide icons the portal uses, as one sprite.
// The names are the ones in app/src/ui/icon.rs; a test there holds the two in agreement.
import { readFileSync, writeFileSync } from "node:fs";

const source = readFileSync(new URL("../../app/src/ui/icon.rs", import.meta.url), "utf8");
const names = [...source.matchAll(/^\s+\w+ => "([a-z0-9-]+)",$/gm)].map((match) => match[1]);
const symbols = names.map((name) => {
  const svg = readFileSync(new URL(`node_modules/lucide-static/icons/${name}.svg`, import.meta.url), "utf8");
  const shapes = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>"));
  return `<symbol id="${name}" viewBox="0 0 24 24">${shapes.replace(/\s*\n\s*/g, "").replace(/ \/>/g, "/>").trim()}</symbol>`;
});
const licence = "<!-- Lucide icons (lucide.dev), ISC licence: see /licenses/lucide.txt -->";
writeFileSync(
  new URL("../../public/icons.svg", import.meta.url),
  `${licence}\n<svg xmlns="http://www.w3.org/2000/svg">\n${symbols.join("\n")}\n</svg>\n`,
);
console.log(`${names.length} icons`);
