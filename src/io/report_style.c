/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The style sheet of report.html.  The ten colours are told apart with any of the common colour-vision deficiencies (Okabe & Ito 2008,
 * with three more of distinct lightness); each has a lighter twin for dark pages. */
#include "io/report_parts.h"

static const char colours[] =
    ":root{color-scheme:light dark;--paper:#fff;--card:#f6f7f9;--ink:#1c2430;--soft:#5b6675;--line:#d9dee5;--good:#0b6b47;--goodbg:#e4f5ec;"
    "--bad:#8a3b00;--badbg:#fff1e0;--bar:#9db4cc;"
    "--c0:#0072b2;--c1:#d55e00;--c2:#009e73;--c3:#cc79a7;--c4:#e69f00;--c5:#56b4e9;--c6:#882255;--c7:#999933;--c8:#4b3fa0;--c9:#1c2430}\n"
    "@media(prefers-color-scheme:dark){:root{--paper:#12161c;--card:#1b2129;--ink:#e6eaf0;--soft:#9aa6b5;--line:#333c48;--good:#7fdcb4;"
    "--goodbg:#12382a;--bad:#ffc48a;--badbg:#3d2a14;--bar:#4b6580;"
    "--c0:#4da3e0;--c1:#ff7f3f;--c2:#2cc79a;--c3:#e8a5c8;--c4:#f5b83d;--c5:#9ad5ff;--c6:#d4709f;--c7:#c9c95a;--c8:#9a8cff;--c9:#f0f3f7}}\n";

static const char page[] =
    "*{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,-apple-system,'Segoe "
    "UI',Roboto,"
    "'Helvetica Neue',Arial,sans-serif}main{max-width:1080px;margin:0 auto;padding:24px 16px 48px}"
    "h1{font-size:1.7rem;line-height:1.2;margin:0;overflow-wrap:anywhere}h2{font-size:1.2rem;margin:40px 0 8px;padding-top:12px;"
    "border-top:1px solid var(--line)}p{margin:6px 0 12px;max-width:72ch}.soft,.note{color:var(--soft)}.note{font-size:.9rem}\n"
    ".cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin:20px 0}"
    ".card{background:var(--card);border-radius:8px;padding:12px 14px}.card b{display:block;font-size:1.25rem;line-height:1.3;"
    "font-variant-numeric:tabular-nums}.card span{color:var(--soft);font-size:.85rem;display:block}.wide{grid-column:span 2}\n"
    ".verdict{border-radius:8px;padding:10px 14px;margin:16px 0}.verdict ul{margin:6px 0 0;padding-left:20px}.verdict li{margin:4px 0}"
    ".good{background:var(--goodbg);color:var(--good)}.bad{background:var(--badbg);color:var(--bad)}\n"
    ".scroll,.figure{overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:.9rem;margin:8px 0}"
    "th,td{padding:4px 8px;text-align:right;border-bottom:1px solid var(--line);white-space:nowrap}th{color:var(--soft);font-weight:600}"
    "th:first-child,td:first-child{text-align:left}td.name,th.name{text-align:left}td.flag{background:var(--badbg);color:var(--bad);"
    "font-weight:600}td.words{text-align:left;white-space:normal;min-width:220px;color:var(--bad)}\n"
    "dl{display:grid;grid-template-columns:minmax(130px,auto) 1fr;gap:10px 16px;margin:8px 0}dt{font-weight:600;"
    "font-variant-numeric:tabular-nums}dd{margin:0;max-width:68ch}dt span{display:block;font-weight:400;color:var(--soft);font-size:.85rem}"
    "@media(max-width:520px){dl{grid-template-columns:1fr;gap:2px}dd{margin-bottom:12px}.wide{grid-column:span 1}}\n"
    ".grid-of-figures{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,290px),1fr));gap:12px}"
    ".grid-of-figures h3{font-size:.95rem;margin:0;font-weight:600;overflow-wrap:anywhere}"
    "footer{margin-top:40px;color:var(--soft);font-size:.85rem}code{font-family:ui-monospace,Menlo,Consolas,monospace}\n";

static const char figures[] =
    "svg{display:block;width:100%;height:auto}svg text{font-family:inherit;fill:var(--ink)}.tick{font-size:11px;fill:var(--soft)!important}"
    ".label{font-size:13px}.middle{text-anchor:middle}.end{text-anchor:end}.grid{stroke:var(--line);stroke-width:.6}"
    ".axis{stroke:var(--soft);stroke-width:1}svg path{fill:none}svg .fill{fill:var(--bar)}\n"
    ".island{stroke:var(--ink);stroke-width:1;stroke-opacity:.5}.quantile{stroke:var(--c1);stroke-width:1.5;stroke-dasharray:4 3}"
    ".median{stroke:var(--c1);stroke-width:2}.whisker{stroke:var(--ink);stroke-width:1.5}\n"
    ".dot{stroke-width:3;stroke-linecap:round;stroke-opacity:.75}.square{stroke-linecap:square;stroke-width:2.6}"
    "svg .shape{stroke:none;fill:currentColor;fill-opacity:.75}.none{stroke:var(--soft)}.pilot,.final{stroke-width:1.3;stroke-opacity:.8}"
    ".pilot{stroke-dasharray:5 3}.final{stroke-width:2.4;stroke-opacity:1}.swatch{display:inline-block;width:.75em;height:.75em;"
    "border-radius:50%;background:currentColor;margin-right:.4em;vertical-align:baseline}.dash{display:inline-block;width:2em;"
    "border-top:2px dashed currentColor;vertical-align:middle;margin-right:.4em}.solid{border-top:3px solid currentColor}\n"
    ".swatch.m1{border-radius:0}.swatch.m2{border-radius:0;transform:rotate(45deg) scale(.85)}"
    ".swatch.m3{border-radius:0;clip-path:polygon(50% 0,100% 100%,0 100%)}"
    ".legend{font-size:.9rem;display:flex;flex-wrap:wrap;gap:4px 18px;margin:4px 0}\n"
    ".c0{stroke:var(--c0);color:var(--c0)}.c1{stroke:var(--c1);color:var(--c1)}.c2{stroke:var(--c2);color:var(--c2)}"
    ".c3{stroke:var(--c3);color:var(--c3)}.c4{stroke:var(--c4);color:var(--c4)}.c5{stroke:var(--c5);color:var(--c5)}"
    ".c6{stroke:var(--c6);color:var(--c6)}.c7{stroke:var(--c7);color:var(--c7)}.c8{stroke:var(--c8);color:var(--c8)}"
    ".c9{stroke:var(--c9);color:var(--c9)}\n";

const char *const report_style[] = {colours, page, figures, NULL};
