/* SPDX-License-Identifier: GPL-3.0-or-later */
/* InferenceData (ArviZ, "InferenceData schema specification"): groups posterior, sample_stats, observed_data and constant_data, each with
 * created_at, inference_library and inference_library_version.  The library writes into memory and we from there to the stream, so that
 * this file appears whole or not at all as the others do. */
#define _POSIX_C_SOURCE 200809L
#include "io/netcdf.h"

#ifdef HAVE_NETCDF

#include "io/netcdf_parts.h"
#include <netcdf_mem.h>
#include <stdlib.h>
#include <time.h>

int netcdf_check(failure *f) {
  (void)f;
  return 0;
}

static void note_time(netcdf_file *file) {
  const time_t now = time(NULL);
  struct tm utc;
  if (!gmtime_r(&now, &utc) || strftime(file->created, sizeof file->created, "%Y-%m-%dT%H:%M:%S+00:00", &utc) == 0) *file->created = '\0';
}

int netcdf_write(FILE *stream, const outcome *o, failure *f) {
  netcdf_file file = {.o = o, .id = -1};
  NC_memio memory = {0};
  const size_t expected = (outcome_rows(o) * (dilate_result_n_out(o->result) + 2) * 8 / 65536 + 2) * 65536;
  note_time(&file);
  file.status = nc_create_mem("draws.nc", NC_NETCDF4 | NC_CLOBBER, expected, &file.id);
  const int opened = file.status == NC_NOERR;
  netcdf_run(&file, file.id);
  netcdf_posterior(&file, f);
  netcdf_sample_stats(&file, f);
  netcdf_data(&file, f);
  const int closed = opened ? nc_close_memio(file.id, &memory) : NC_NOERR;
  if (file.status == NC_NOERR) file.status = closed;
  if (file.status != NC_NOERR) fail_with(f, EXIT_RUN, "cannot write draws.nc: the NetCDF library says '%s'", nc_strerror(file.status));
  if (!f->exit_status) fwrite(memory.memory, 1, memory.size, stream);
  free(memory.memory);
  return f->exit_status;
}

#else

int netcdf_check(failure *f) {
  return fail_with(f, EXIT_RUN,
                   "this build writes no NetCDF: install Debian's libnetcdf-dev, configure and build again, or take another format");
}

int netcdf_write(FILE *stream, const outcome *o, failure *f) {
  (void)stream;
  (void)o;
  return netcdf_check(f);
}

#endif
