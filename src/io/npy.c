/* SPDX-License-Identifier: GPL-3.0-or-later */
/* NumPy's format 1.0 (numpy.lib.format): the magic bytes, the version, the length of the header in two bytes, the header as a Python
 * dictionary, blanks so that all this is a multiple of 64 bytes, a line end, and the array as it stands in memory. */
#include "io/npy.h"

#include <stdint.h>
#include <string.h>

enum { BEFORE_HEADER = 10, ALIGNMENT = 64 };

static const char *float64_name(void) {
  const uint16_t probe = 1;
  unsigned char first;
  memcpy(&first, &probe, 1);
  return first ? "<f8" : ">f8";
}

int npy_write(FILE *stream, const outcome *o) {
  const dilate_result *const result = o->result;
  const size_t width = dilate_result_n_out(result);
  char header[256];
  const int text = snprintf(header, sizeof header, "{'descr': '%s', 'fortran_order': False, 'shape': (%zu, %zu, %zu), }", float64_name(),
                            dilate_result_islands(result), dilate_result_draws(result), width);
  const size_t all = (BEFORE_HEADER + (size_t)text + 1 + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT, length = all - BEFORE_HEADER;
  const unsigned char before[BEFORE_HEADER] = {
      0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (unsigned char)(length & 255), (unsigned char)(length >> 8)};
  fwrite(before, 1, sizeof before, stream);
  fprintf(stream, "%-*s\n", (int)length - 1, header);
  row_reader values;
  const int status = rows_begin(result, o->spread, ROWS_VALUES, &values);
  for (size_t row = 0; status == 0 && row < outcome_rows(o); ++row) fwrite(rows_at(&values, row), sizeof(double), width, stream);
  rows_end(&values);
  return status;
}
