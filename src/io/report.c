/* SPDX-License-Identifier: GPL-3.0-or-later */
/* report.html: one page that stands alone.  Nothing is fetched and nothing runs: its policy forbids both, and the choice of colours is
 * made by radio buttons and the style sheet.  It is well-formed XML, too.  Text from the user and from the target is escaped. */
#include "io/report.h"

#include "io/format.h"
#include "io/report_parts.h"
#include <inttypes.h>

enum { SECTIONS = 8 };
static const report_section *const sections[SECTIONS] = {&report_modes,       &report_marginals, &report_pairs,      &report_ranks,
                                                         &report_convergence, &report_evidence,  &report_parameters, &report_run};

static void write_head(FILE *stream, const outcome *o) {
  fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/>\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
        "form-action 'none'\"/>\n<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"/>\n<title>",
        stream);
  report_name(stream, o->target);
  fputs(" sampled by dilate</title>\n<style>\n", stream);
  fputs(report_style_colours, stream);
  fputs(report_style_page, stream);
  fputs(report_style_parts, stream);
  fputs(report_style_figures, stream);
  fputs(report_style_print, stream);
  fputs("</style></head>\n<body>\n<a class=\"skip\" href=\"#summary\">Skip to the summary</a>\n", stream);
}

static void write_scheme(FILE *stream) {
  static const char *const choice[][2] = {{"auto", "As the system"}, {"light", "Light"}, {"dark", "Dark"}};
  fputs("<fieldset class=\"scheme\"><legend>Colours</legend>\n", stream);
  for (size_t i = 0; i < 3; ++i)
    fprintf(stream, "<label><input type=\"radio\" name=\"scheme\" id=\"scheme-%s\"%s/><span>%s</span></label>\n", choice[i][0],
            i ? "" : " checked=\"checked\"", choice[i][1]);
  fputs("</fieldset>\n", stream);
}

static void write_header(FILE *stream, const outcome *o) {
  fputs("<header class=\"page\">\n<div><h1>", stream);
  report_name(stream, o->target);
  fprintf(stream, "</h1>\n<p class=\"soft\">Density in %zu %s, method %s, seed %" PRIu64 ", libdilate %s</p></div>\n",
          dilate_result_dim(o->result), dilate_result_dim(o->result) == 1 ? "dimension" : "dimensions", dilate_result_method(o->result),
          dilate_result_seed(o->result), dilate_version());
  write_scheme(stream);
  fputs("</header>\n", stream);
}

static void write_contents(FILE *stream, const outcome *o) {
  fputs("<nav aria-label=\"Sections\"><ul>\n", stream);
  for (size_t i = 0; i < SECTIONS; ++i)
    if (sections[i]->present(o)) fprintf(stream, "<li><a href=\"#%s\">%s</a></li>\n", sections[i]->id, sections[i]->title);
  fputs("</ul></nav>\n", stream);
}

static int write_section(FILE *stream, const outcome *o, const report_section *s) {
  if (!s->present(o)) return 0;
  fprintf(stream, "<section id=\"%s\" aria-labelledby=\"%s-title\">\n<h2 id=\"%s-title\">%s</h2>\n", s->id, s->id, s->id, s->title);
  const int status = s->write(stream, o);
  fputs("</section>\n", stream);
  return status;
}

int report_write(FILE *stream, const outcome *o) {
  write_head(stream, o);
  write_header(stream, o);
  write_contents(stream, o);
  fputs("<main>\n<section id=\"summary\" tabindex=\"-1\" aria-label=\"Summary\">\n", stream);
  report_verdict(stream, o);
  report_cards(stream, o);
  report_checks(stream, o);
  fputs("</section>\n", stream);
  for (size_t i = 0; i < SECTIONS; ++i)
    if (write_section(stream, o, sections[i]) != 0) return -1;
  fputs("</main>\n<footer>All figures are in <code>summary.json</code> beside this page, all draws in the file of "
        "draws.</footer>\n</body></html>\n",
        stream);
  return 0;
}
