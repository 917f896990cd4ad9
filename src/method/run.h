/* What every method of sampling shares: the validated options, the target, the clock, the trace and the warnings of one run. */
#ifndef DILATE_METHOD_RUN_H
#define DILATE_METHOD_RUN_H

#include "target/target.h"

typedef struct run {
  dilate_options options; /* complete and valid: threads > 0 */
  target *target;
  double started;           /* omp_get_wtime() */
  dilate_progress progress; /* kept up to date by run_record() */
  dilate_trace *trace;
  size_t trace_count, trace_room;
  char **warning;
  size_t warning_count, warning_room;
} run;

/* Checks everything a user can get wrong.  options may be NULL. */
int run_create(const dilate_target *target, const dilate_options *options, run **out, dilate_error *err);
void run_free(run *r);

/* Appends a trace record and brings progress up to date; NaN where a stage has no such figure. */
int run_record(run *r, const char *stage, int group, int round, double temperature, double ess, double log_z, double acceptance,
               double fraction, dilate_error *err);
/* Appends a warning (once: an identical text is not repeated).  DILATE_ENOMEM or 0. */
int run_warn(run *r, dilate_error *err, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
