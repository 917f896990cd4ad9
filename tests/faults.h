/* Out of memory in the program: whole commands, their output compared with that of an undisturbed run. */
#ifndef DILATE_TESTS_FAULTS_H
#define DILATE_TESTS_FAULTS_H

#include <stddef.h>

/* A command line, of which every allocation fails in turn (heap.h). */
typedef struct fault_case {
  const char *name;
  const char *line;   /* words between blanks; the first is the command */
  const char *before; /* a command line that leaves what the folder "out" holds beforehand; NULL: it is not there */
} fault_case;

extern const fault_case fault_cases[];
extern const size_t fault_case_count;

/* Before anything is printed: a new folder, with the files that the cases read.  To be entered before a sweep. */
void faults_prepare(void);
void faults_enter(void);
/* Removes it. */
void faults_leave(void);
/* Fails allocations k = first, first + stride, ...; of every fourth also all that follow.  Asserts that each run ended with status 1, a
 * message, and the output as it was before; or with 0 and the output of an undisturbed run, bit for bit. */
void faults_sweep(const fault_case *what, size_t first, size_t stride);
/* Runs in which an allocation failed, so far. */
size_t faults_injected(void);

#endif
