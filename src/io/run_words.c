/* SPDX-License-Identifier: GPL-3.0-or-later */
/* As JSON.  A path may be any bytes, but JSON is UTF-8: whatever is not plain ASCII is written as %XX. */
#include "io/run_words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/json_parts.h"

static const char program[] = "dilate sample";

static int is_plain(unsigned char c) {
  return c >= ' ' && c < 0x7f && c != '%';
}

/* NULL for NULL and when out of memory. */
static json_t *wrap(const char *text) {
  char *const out = text ? malloc(3 * strlen(text) + 1) : NULL;
  size_t length = 0;
  if (!out) return text ? NULL : json_null();
  for (; *text; ++text)
    if (is_plain((unsigned char)*text))
      out[length++] = *text;
    else
      length += (size_t)sprintf(out + length, "%%%02X", (unsigned)(unsigned char)*text);
  out[length] = '\0';
  json_t *const value = json_string(out);
  free(out);
  return value;
}

/* NULL where there is no such text, or no memory. */
static char *unwrap(const json_t *all, const char *key) {
  const char *in = json_string_value(json_object_get(all, key));
  char *const out = in ? malloc(strlen(in) + 1) : NULL;
  size_t length = 0;
  for (; out && *in; ++length) {
    unsigned code = 0;
    const int coded = *in == '%' && sscanf(in + 1, "%2X", &code) == 1 && strlen(in) > 2;
    out[length] = coded ? (char)code : *in;
    in += coded ? 3 : 1;
  }
  if (out) out[length] = '\0';
  return out;
}

char *run_words_write(const run_words *w) {
  json_t *const all =
      json_pack("{s:s, s:o, s:o, s:o, s:o, s:b, s:f}", "program", program, "folder", wrap(w->folder), "target", wrap(w->target), "data",
                wrap(w->data), "formats", wrap(w->formats), "strict", w->strict, "checkpoint", w->seconds);
  char *const text = all ? json_dumps(all, 0) : NULL;
  json_decref(all);
  return text;
}

int run_words_read(const char *text, run_words *out, failure *f) {
  *out = (run_words){0};
  json_t *const all = text ? json_loads(text, 0, NULL) : NULL;
  const char *const by = json_string_value(json_object_get(all, "program"));
  if (by && strcmp(by, program) == 0)
    *out = (run_words){.folder = unwrap(all, "folder"),
                       .target = unwrap(all, "target"),
                       .data = unwrap(all, "data"),
                       .formats = unwrap(all, "formats"),
                       .strict = json_is_true(json_object_get(all, "strict")),
                       .seconds = json_number_value(json_object_get(all, "checkpoint"))};
  json_decref(all);
  if (out->folder && out->target && out->formats) return 0;
  run_words_clear(out);
  return fail_with(f, EXIT_RUN, "the checkpoint is not of a run of 'dilate sample', or of another version of it");
}

void run_words_clear(run_words *words) {
  const char *const texts[] = {words->folder, words->target, words->data, words->formats};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; ++i) free((void *)texts[i]);
  *words = (run_words){0};
}
