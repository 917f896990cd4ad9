/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stands first: whether the run is whole, and its warnings, each with what to try.  The library's warnings end with their advice, in
 * a sentence or a clause that begins with one of a few words. */
#include "io/report_parts.h"

#include "io/format.h"
#include <string.h>

static const char *const advice[] = {"Try ", "Compare ", "Use ",     "Set ",   "Is ",  "Are ", "Do ",  "Increase ",
                                     "try ", "allow ",   "compare ", "leave ", "use ", "set ", "let ", "a conditioned "};

/* Begins a sentence or a clause, and with a word of advice. */
static int is_advice(const char *warning, const char *at) {
  if (at < warning + 2 || at[-1] != ' ' || !strchr(".;: ", at[-2])) return 0;
  for (size_t i = 0; i < sizeof advice / sizeof *advice; ++i)
    if (strncmp(at, advice[i], strlen(advice[i])) == 0) return 1;
  return 0;
}

/* Where the advice begins; the end of it when there is none. */
static const char *advice_of(const char *warning) {
  const char *at = warning;
  while (*at && !is_advice(warning, at)) ++at;
  return at;
}

static void write_part(FILE *stream, const char *from, const char *to) {
  char part[1024];
  size_t n = (size_t)(to - from);
  while (n > 0 && strchr(" ;:", from[n - 1])) --n;
  if (n >= sizeof part) n = sizeof part - 1;
  memcpy(part, from, n);
  part[n] = '\0';
  html_escape(stream, part);
}

static void write_warning(FILE *stream, const char *warning) {
  const char *const try = advice_of(warning), *const end = warning + strlen(warning);
  fputs("<li><p>", stream);
  write_part(stream, warning, try);
  if (*try) {
    fputs("</p><p class=\"try\"><b>What to try:</b> ", stream);
    write_part(stream, try, end);
  }
  fputs("</p></li>\n", stream);
}

static void write_warnings(FILE *stream, const dilate_result *result, size_t count) {
  const size_t shown = count < REPORT_WARNINGS ? count : REPORT_WARNINGS;
  fputs("<ul>\n", stream);
  for (size_t i = 0; i < shown; ++i) write_warning(stream, dilate_result_warning(result, i));
  fputs("</ul>", stream);
  if (count > shown) fprintf(stream, "<p>The first %zu of them; summary.json has all.</p>", shown);
}

void report_verdict(FILE *stream, const outcome *o) {
  const size_t warnings = dilate_result_warning_count(o->result);
  const int complete = dilate_result_complete(o->result);
  fprintf(stream, "<div class=\"verdict %s\"><h2>%s", complete && warnings == 0 ? "good" : "bad", complete ? "" : "Partial result: ");
  if (warnings)
    fprintf(stream, "%zu %s to read before use</h2>", warnings, warnings == 1 ? "warning" : "warnings");
  else
    fputs(complete ? "No warnings</h2>" : "the run was stopped before its end</h2>", stream);
  if (warnings) write_warnings(stream, o->result, warnings);
  fputs("</div>\n", stream);
}
