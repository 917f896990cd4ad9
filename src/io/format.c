/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers and text as the files and tables show them. */
#include "io/format.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *text_exact(double value, text out) {
  if (isnan(value)) return strcpy(out, "nan");
  if (isinf(value)) return strcpy(out, value > 0 ? "inf" : "-inf");
  for (int digits = 15; digits <= 17; ++digits) {
    snprintf(out, TEXT_ROOM, "%.*g", digits, value);
    if (strtod(out, NULL) == value) break;
  }
  return out;
}

const char *text_short(double value, text out) {
  if (isnan(value)) return strcpy(out, "-");
  snprintf(out, TEXT_ROOM, "%.4g", value);
  return out;
}

const char *text_with_error(double value, double error, text out) {
  const double size = fabs(value);
  if (!isfinite(value) || !(error > 0) || !isfinite(error) || size >= 1e7 || (error < 1e-6 && size < 1)) return text_short(value, out);
  const double wanted = 1 - floor(log10(error));
  const int decimals = wanted < 0 ? 0 : wanted > 6 ? 6 : (int)wanted;
  snprintf(out, TEXT_ROOM, "%.*f", decimals, value);
  return out;
}

const char *text_count(uint64_t count, text out) {
  char digits[24];
  const size_t length = (size_t)snprintf(digits, sizeof digits, "%" PRIu64, count);
  size_t at = 0;
  for (size_t i = 0; i < length; ++i) {
    if (i > 0 && (length - i) % 3 == 0) out[at++] = ' ';
    out[at++] = digits[i];
  }
  out[at] = '\0';
  return out;
}

const char *text_seconds(double seconds, text out) {
  const unsigned long whole = seconds > 0 && seconds < 1e9 ? (unsigned long)(seconds + 0.5) : 0;
  if (!(seconds >= 0 && seconds < 1e9))
    strcpy(out, "-");
  else if (whole >= 3600)
    snprintf(out, TEXT_ROOM, "%lu h %lu min", whole / 3600, whole % 3600 / 60);
  else if (whole >= 60)
    snprintf(out, TEXT_ROOM, "%lu min %lu s", whole / 60, whole % 60);
  else
    snprintf(out, TEXT_ROOM, seconds < 10 ? "%.2f s" : "%.1f s", seconds);
  return out;
}

const char *text_percent(double share, text out) {
  if (isnan(share)) return strcpy(out, "-");
  snprintf(out, TEXT_ROOM, share != 0 && fabs(share) < 0.01 ? "%.2f %%" : "%.1f %%", 100 * share);
  return out;
}

void html_escape(FILE *stream, const char *string) {
  for (; *string; ++string) switch (*string) {
    case '&':
      fputs("&amp;", stream);
      break;
    case '<':
      fputs("&lt;", stream);
      break;
    case '>':
      fputs("&gt;", stream);
      break;
    case '"':
      fputs("&quot;", stream);
      break;
    case '\'':
      fputs("&#39;", stream);
      break;
    default:
      fputc(*string, stream);
    }
}
