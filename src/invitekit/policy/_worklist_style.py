"""The style sheet of the HTML worklist: wide rows, narrow cards, light and dark, and paper.

Only system fonts and no picture, so the page needs nothing but itself.
"""

from __future__ import annotations

from typing import Final

__all__ = ["STYLE"]

STYLE: Final = """
:root {
  color-scheme: light dark;
  --paper: #f6f7f9; --card: #ffffff; --ink: #1b1f24; --soft: #57606a; --line: #d9dee4;
  --link: #0a58a8; --on-link: #ffffff; --first: #7a3e00; --first-back: #fdf0de;
  --warn: #8a1c1c; --warn-back: #fdeeee; --warn-line: #e6b3b3;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171b; --card: #1c2127; --ink: #e7ebf0; --soft: #a3adb8; --line: #343c45;
    --link: #82b9f5; --on-link: #0d1a29; --first: #f6c88b; --first-back: #3a2a12;
    --warn: #ffb4b4; --warn-back: #351a1c; --warn-line: #6b3236;
  }
}
*, ::before, ::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0 auto; padding: 2.5rem 1.5rem 3rem; max-width: 76rem;
  background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", Arial, sans-serif;
  overflow-wrap: anywhere;
}
h1, h2, h3, p, dl, dd, ol, ul { margin: 0; }
h1 { font-size: 2rem; line-height: 1.2; letter-spacing: -0.01em; }
h2 { font-size: 1.25rem; line-height: 1.3; }
h3 { font-size: 1rem; line-height: 1.4; }
a { color: var(--link); text-underline-offset: 0.15em; text-decoration-thickness: 1px; }
a:hover { text-decoration-thickness: 2px; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 2px; }
.unseen {
  position: absolute; width: 1px; height: 1px;
  overflow: hidden; clip-path: inset(50%); white-space: nowrap;
}
.skip { position: absolute; left: -100vw; }
.skip:focus { left: 1rem; top: 0.5rem; }
section { margin-top: 2.25rem; }
section > h2 { margin-bottom: 0.75rem; }

header {
  display: flex; flex-wrap: wrap; gap: 1.25rem 2rem; align-items: flex-start; justify-content: space-between;
}
header > div { flex: 1 1 30rem; }
.origin { display: flex; flex-wrap: wrap; gap: 0.25rem 1.75rem; margin-top: 0.75rem; font-size: 0.9rem; }
.origin div { display: flex; gap: 0.4rem; }
.origin dt { color: var(--soft); white-space: nowrap; }
.go a {
  display: inline-block; padding: 0.65rem 1.1rem; border-radius: 0.5rem;
  background: var(--link); color: var(--on-link); font-weight: 600; text-decoration: none;
}
.go a:hover { text-decoration: underline; }

.warning {
  padding: 1rem 1.25rem; border: 1px solid var(--warn-line); border-radius: 0.6rem; background: var(--warn-back);
}
.warning h2 { color: var(--warn); margin-bottom: 0.25rem; }
.warning ul { margin-top: 0.25rem; padding-left: 1.25rem; }

.ways, .know { background: var(--card); border: 1px solid var(--line); padding: 1rem 1.25rem; }
.ways { border-radius: 0.6rem 0.6rem 0 0; display: grid; row-gap: 0.5rem; }
.ways > div { display: grid; grid-template-columns: 10rem minmax(0, 1fr); column-gap: 1rem; }
.ways ol { list-style: none; padding: 0; display: flex; flex-wrap: wrap; column-gap: 0.6rem; }
.ways li + li::before { content: "›"; color: var(--soft); margin-right: 0.6rem; }
.know {
  border-top: 0; border-radius: 0 0 0.6rem 0.6rem; font-size: 0.925rem;
  display: grid; gap: 1rem 2rem; grid-template-columns: minmax(0, 1.8fr) minmax(0, 1.2fr) minmax(0, 1fr);
}
.know dt { font-weight: 600; margin-bottom: 0.15rem; }
.know dd { color: var(--soft); }

.shared { margin-bottom: 0.75rem; color: var(--soft); font-size: 0.925rem; max-width: 60rem; }
.headings, .people > li {
  display: grid; column-gap: 1rem; align-items: start;
  grid-template-columns: 1.6rem 1.6rem minmax(0, 1.7fr) 7rem minmax(0, 1.5fr) minmax(0, 1.15fr);
}
.headings { padding: 0 1rem 0.4rem; color: var(--soft); font-size: 0.8rem; font-weight: 600; }
.people {
  list-style: none; padding: 0; background: var(--card); border: 1px solid var(--line); border-radius: 0.6rem;
}
.people > li { padding: 0.8rem 1rem; font-size: 0.925rem; }
.people > li + li { border-top: 1px solid var(--line); }
.people > li:has(:checked) { opacity: 0.55; }
.people > li:has(:checked) h3 { text-decoration: line-through; }
.label, .result { display: none; }
.tick { display: flex; padding: 0.15rem 0; cursor: pointer; position: relative; }
.tick input { width: 1.2rem; height: 1.2rem; margin: 0; accent-color: var(--link); cursor: pointer; }
.rank { color: var(--soft); font-variant-numeric: tabular-nums; text-align: right; padding-right: 0.15rem; }
.find, .age, .also { color: var(--soft); font-size: 0.85rem; }
.find { display: flex; flex-wrap: wrap; column-gap: 0.75rem; }
.sent > span { display: block; font-variant-numeric: tabular-nums; }
.sent > .label { display: none; }
time { white-space: nowrap; }
.then { color: var(--soft); font-size: 0.85rem; }
.first {
  display: inline-block; margin: 0.2rem 0; padding: 0.05rem 0.5rem; border-radius: 0.35rem;
  background: var(--first-back); color: var(--first); font-weight: 600;
}

.later > p { color: var(--soft); }
details { margin-top: 0.75rem; }
summary { cursor: pointer; padding: 0.35rem 0; font-weight: 600; }
.waiting { list-style: none; padding: 0; font-size: 0.9rem; }
.waiting li {
  display: grid; grid-template-columns: 2.5rem minmax(0, 1.5fr) 13rem minmax(0, 1.8fr); column-gap: 1rem;
  padding: 0.4rem 0; border-top: 1px solid var(--line); align-items: baseline;
}
.waiting .sent > span { display: inline; }
.waiting .age { margin-left: 0.5rem; }
.waiting .first { margin: 0 0 0 0.5rem; }
.waiting .why { color: var(--soft); }
section > ul { padding-left: 1.25rem; }
footer {
  margin-top: 2.5rem; padding-top: 1rem; border-top: 1px solid var(--line); color: var(--soft); font-size: 0.85rem;
}

@media screen and (max-width: 52rem) {
  body { padding: 1.25rem 1rem 2rem; }
  h1 { font-size: 1.6rem; }
  header > div { flex-basis: 100%; }
  .go, .go a { width: 100%; text-align: center; }
  .origin { display: grid; }
  .ways, .know { padding: 1rem; }
  .know { grid-template-columns: minmax(0, 1fr); }
  .ways { row-gap: 0.9rem; }
  .ways > div { grid-template-columns: minmax(0, 1fr); }
  .headings { display: none; }
  .people { display: grid; gap: 0.75rem; background: none; border: 0; border-radius: 0; }
  .people > li, .people > li + li {
    grid-template-columns: 2rem minmax(0, 1fr) auto;
    grid-template-areas: "tick who rank" ". sent sent" ". why why" ". then then";
    row-gap: 0.5rem; column-gap: 0.5rem; padding: 1rem;
    background: var(--card); border: 1px solid var(--line); border-radius: 0.6rem;
  }
  .tick { grid-area: tick; margin: -0.75rem; padding: 0.75rem; }
  .tick input { width: 1.4rem; height: 1.4rem; }
  .rank { grid-area: rank; }
  .who { grid-area: who; }
  .people .sent, .why, .then { display: grid; grid-template-columns: 3rem minmax(0, 1fr); align-items: baseline; }
  .people .sent { grid-area: sent; }
  .people .why { grid-area: why; }
  .people .then { grid-area: then; }
  .people .label { display: block; color: var(--soft); font-size: 0.85rem; }
  .label ~ * { grid-column: 2; justify-self: start; }
  .find a { padding: 0.3rem 0; }
  .find { align-items: center; }
  .waiting li { grid-template-columns: 2.25rem minmax(0, 1fr); row-gap: 0.1rem; }
  .waiting .why { display: block; }
  .waiting .sent, .waiting .why { grid-column: 2; }
}

@media print {
  @page { margin: 14mm; }
  :root {
    color-scheme: light;
    --paper: #fff; --card: #fff; --ink: #000; --soft: #444; --line: #bbb; --link: #000;
    --first: #000; --first-back: #fff; --warn: #000; --warn-back: #fff; --warn-line: #000;
  }
  body { max-width: none; padding: 0; font-size: 9pt; line-height: 1.35; }
  h1 { font-size: 18pt; }
  h2 { font-size: 12pt; }
  h3 { font-size: 10pt; }
  .ways h3 { font-size: 9pt; }
  h2, h3, .shared, .headings { break-after: avoid; }
  section { margin-top: 5mm; }
  section > h2 { margin-bottom: 2mm; }
  a { text-decoration: none; }
  .skip, .find a, .go, .tick .unseen, footer, summary { display: none; }
  .origin, .shared, .waiting, .people > li { font-size: inherit; }
  .origin { margin-top: 1.5mm; }
  .ways, .know { padding: 2mm 3mm; break-inside: avoid; }
  .ways { row-gap: 1mm; }
  .ways > div { grid-template-columns: 32mm minmax(0, 1fr); }
  .know { gap: 2mm 5mm; font-size: 8pt; }
  .headings, .people > li {
    column-gap: 3mm; grid-template-columns: 5mm 6mm minmax(0, 1.5fr) 20mm minmax(0, 1.3fr) minmax(0, 1.3fr);
  }
  .headings { padding: 0 0 1mm; font-size: 8pt; }
  .people { border: 0; border-top: 1px solid #000; border-radius: 0; }
  .people > li, .people > li + li {
    padding: 2mm 0; break-inside: avoid; border: 0; border-bottom: 1px solid var(--line);
  }
  .people > li:has(:checked) { opacity: 1; }
  .tick { padding: 0; }
  .tick input {
    appearance: none; width: 4.5mm; height: 4.5mm; background: #fff;
    border: 1.2pt solid #000; border-radius: 0.5mm;
  }
  .tick input:checked { background: #000; print-color-adjust: exact; }
  .find, .age, .also, .then { font-size: 8pt; }
  .first { border: 1px solid #000; font-size: 8pt; }
  .result { display: flex; gap: 2mm; align-items: baseline; margin-top: 1.5mm; }
  .result { color: var(--soft); font-size: 8pt; }
  .result::after { content: ""; flex: 1; border-bottom: 1px dotted #000; }
  .waiting li { break-inside: avoid; padding: 1mm 0; }
  .waiting li { grid-template-columns: 8mm minmax(0, 1.3fr) 42mm minmax(0, 1.4fr); }
}
"""
"""What stands between the tags, to the letter: the content security policy of the page names its hash."""
