/* Out of memory on demand: the k-th allocation of a run fails, or the k-th and all after it.
 *
 * The test programs are linked with --wrap=aligned_alloc and --wrap=memory_free, and with the library's objects themselves.  Only
 * base/memory.c calls the one, and all blocks go back through the other, so the library needs no hook. */
#ifndef DILATE_TESTS_CHAOS_H
#define DILATE_TESTS_CHAOS_H

#include "dilate.h"

#define CHAOS_NEVER SIZE_MAX

/* From now on allocation number k (from 0) fails, `forever` with all that follow.  Allocations and live blocks are counted anew. */
void chaos_begin(size_t k, int forever);
/* Ends it: no allocation fails any more.  Returns how many there were; *failed (may be NULL) how many of them failed. */
size_t chaos_end(size_t *failed);
/* Blocks allocated since chaos_begin() and not freed yet. */
size_t chaos_live(void);

/* Something that allocates.  It must return DILATE_OK when all memory was there, hand out nothing when it fails, and free all it made. */
typedef struct chaos_case {
  const char *name;
  int (*run)(dilate_error *err);
} chaos_case;

/* Allocations of an undisturbed run, which must end well. */
size_t chaos_total(const chaos_case *what);
/* Runs the case with allocation k failing: NULL when it ended in DILATE_ENOMEM with a message and without a leak, else what was wrong (text
 * that lives until the next call). */
const char *chaos_fault(const chaos_case *what, size_t k, int forever);
/* Asserts that of every k below `dense` and of every `stride`-th beyond; of every fourth of them also with all that follow failing. */
void chaos_sweep(const chaos_case *what, size_t dense, size_t stride);

/* Runs of a case in which an allocation failed, so far. */
size_t chaos_injected(void);

/* The plug-ins are loaded by their bare names, so from the folder where the build put them.  Returns 0 when it is there. */
int chaos_go_to_plugins(void);

/* The cases.  chaos_runs are whole runs, and chaos_variants more of them: thousands of allocations each. */
extern const chaos_case chaos_parts[], chaos_runs[], chaos_variants[];
extern const size_t chaos_part_count, chaos_run_count, chaos_variant_count;

/* What they run: two normals in the plane; few draws, on one thread. */
dilate_target chaos_target(void);
dilate_options chaos_options(const char *method);

/* Cases of chaos_parts, in files of their own. */
int chaos_condition(dilate_error *err);
int chaos_model(dilate_error *err);
int chaos_straighten(dilate_error *err);
int chaos_relays(dilate_error *err);
/* And of chaos_runs. */
int chaos_relay(dilate_error *err);

#endif
