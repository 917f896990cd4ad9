/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of targets and parameters on the page: cut between the characters of UTF-8, without control characters. */
#include "io/report_parts.h"

#include "io/format.h"

enum { CUT = 20, LONGEST = 40 };

/* The first `points` characters, "..." in place of the last when there are more; out has room for 4 bytes each, and 4. */
static void cut(const char *name, size_t points, char *out) {
  size_t n = 0, kept = 0, last = 0;
  for (size_t i = 0; name[i]; ++i) {
    const unsigned char byte = (unsigned char)name[i];
    if ((byte & 0xC0) != 0x80 && n++ == points) {
      out[last] = '\0';
      snprintf(out + last, 4, "\xE2\x80\xA6");
      return;
    }
    if ((byte & 0xC0) != 0x80) last = kept;
    if (kept < 4 * points) out[kept++] = byte < 0x20 || byte == 0x7F ? ' ' : name[i];
  }
  out[kept] = '\0';
}

const char *report_cut(const char *name, report_label out) {
  cut(name, CUT, out);
  return out;
}

void report_name(FILE *stream, const char *name) {
  char out[4 * LONGEST + 4];
  cut(name, LONGEST, out);
  html_escape(stream, out);
}
