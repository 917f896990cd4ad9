/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The style sheet of report.html: colours and the page.  Dark rules are for screens, so paper is always light; they hold where the reader's
 * system is dark and "Light" is not chosen, or where "Dark" is.  The eight colours of modes have a contrast of at least 3 with the page,
 * and any two, with grey among them, differ by 0.1 in OKLab at least, also as seen without red, green or blue cones (Machado et al. 2009).
 */
#include "io/report_parts.h"

#define LIGHT                                                                                                                              \
  "color-scheme:light;--paper:#fff;--card:#f6f7f9;--ink:#1c2430;--soft:#566171;--line:#d9dee5;--good:#0b6b47;"                             \
  "--goodbg:#e4f5ec;--bad:#8a3b00;--badbg:#fff1e0;--alarm:#c23b00;--link:#0650b8;--gauge:#4f7396;--band:#1c243016;"                        \
  "--c0:#0670d8;--c1:#c72302;--c2:#197351;--c3:#a13a9d;--c4:#b48709;--c5:#2a96de;--c6:#7a0630;--c7:#2f1b93;--cx:#808a96"
#define DARK                                                                                                                               \
  "color-scheme:dark;--paper:#12161c;--card:#1b2129;--ink:#e6eaf0;--soft:#a3aebc;--line:#333c48;--good:#7fdcb4;"                           \
  "--goodbg:#12382a;--bad:#ffc48a;--badbg:#3d2a14;--alarm:#ff8f4d;--link:#8cbcff;--gauge:#7f9fc0;--band:#e6eaf022;"                        \
  "--c0:#2397fa;--c1:#f17126;--c2:#55dc82;--c3:#c998b1;--c4:#f6e915;--c5:#baebff;--c6:#d061c6;--c7:#a9b2ff;--cx:#707a88"

const char report_style_colours[] = ":root{" LIGHT "}\n"
                                    "@media screen and (prefers-color-scheme:dark){:root:not(:has(#scheme-light:checked)){" DARK "}}\n"
                                    "@media screen{:root:has(#scheme-dark:checked){" DARK "}}\n"
                                    "@supports not selector(:has(*)){.scheme{display:none}}\n";

const char report_style_page[] =
    "*{box-sizing:border-box}html{-webkit-text-size-adjust:100%;text-size-adjust:100%}\n"
    "body{margin:0 auto;max-width:1112px;padding:20px 16px 48px;background:var(--paper);color:var(--ink);"
    "font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif}\n"
    "h1{font-size:1.7rem;line-height:1.2;margin:0;overflow-wrap:anywhere}"
    "h2{font-size:1.25rem;line-height:1.3;margin:0 0 6px}h3{font-size:1rem;margin:20px 0 4px}"
    "p{margin:0 0 10px;max-width:76ch;overflow-wrap:anywhere}ul,ol{margin:0;padding:0;list-style:none}\n"
    "main>section{margin-top:32px;padding-top:20px;border-top:1px solid var(--line)}main>section:first-child{border:0;margin:0;padding:0}"
    "main>section:focus{outline:0}\n"
    ".soft,.note,footer{color:var(--soft)}.note{font-size:.9rem;margin-top:8px}header .soft{margin:4px 0 0}\n"
    "a{color:var(--link)}code{font-family:ui-monospace,Menlo,Consolas,monospace}\n"
    ":focus-visible{outline:3px solid var(--link);outline-offset:2px;border-radius:3px}\n"
    ".skip{position:absolute;left:8px;top:-60px;background:var(--paper);padding:8px 12px;z-index:2}.skip:focus{top:8px}\n"
    "header.page{display:flex;flex-wrap:wrap;gap:12px 24px;justify-content:space-between;align-items:flex-start}"
    "header.page>div{flex:1 1 300px;min-width:0}\n"
    ".scheme{display:flex;flex-wrap:wrap;border:1px solid var(--line);border-radius:8px;padding:2px;margin:0;font-size:.85rem}"
    ".scheme legend,.scheme input{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);margin:0}"
    ".scheme label{cursor:pointer;position:relative}.scheme span{display:block;padding:4px 10px;border-radius:6px;color:var(--soft)}"
    ".scheme input:checked+span{background:var(--line);color:var(--ink);font-weight:600}"
    ".scheme input:focus-visible+span{outline:3px solid var(--link);outline-offset:1px}\n"
    "nav{margin:14px 0 18px}nav ul{display:flex;flex-wrap:wrap;gap:4px 18px}nav a{display:inline-block;padding:3px 0}\n"
    "footer{margin-top:40px;padding-top:12px;border-top:1px solid var(--line);font-size:.85rem}\n";
