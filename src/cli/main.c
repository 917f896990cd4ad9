/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The program `dilate`: picks the command, prints the one line of a failure, and turns it into the exit status. */
#include "cli/cli.h"
#include "dilate.h"
#include <stdio.h>
#include <string.h>

typedef struct command {
  const char *name;
  int (*run)(int argc, char **argv, failure *f);
} command;

static const struct {
  const char *name;
  void (*write)(void);
} helps[] = {{"sample", help_write_sample}, {"compare", help_write_compare}, {"check", help_write_check}, {"targets", help_write_targets}};

static int show_help(int argc, char **argv, failure *f) {
  if (argc == 1) help_write();
  if (argc == 1) return 0;
  for (size_t i = 0; argc == 2 && i < sizeof helps / sizeof *helps; ++i) {
    if (strcmp(argv[1], helps[i].name) != 0) continue;
    helps[i].write();
    return 0;
  }
  return fail_with(f, EXIT_USAGE, "there is no help on '%s': dilate help [sample | compare | check | targets]", argv[argc - 1]);
}

static int show_version(int argc, char **argv, failure *f) {
  if (argc > 1) return fail_with(f, EXIT_USAGE, "--version takes no argument: what is '%s'?", argv[1]);
  printf("dilate %s\n", dilate_version());
  return 0;
}

static const command commands[] = {
    {"targets", command_targets}, {"sample", command_sample}, {"compare", command_compare}, {"check", command_check}, {"help", show_help},
    {"--help", show_help},        {"-h", show_help},          {"--version", show_version}};

static int run_command(int argc, char **argv, failure *f) {
  if (argc < 2)
    return fail_with(
        f, EXIT_USAGE,
        "what to do? dilate targets, dilate sample TARGET, dilate compare DRAWS_A DRAWS_B, dilate check TARGET, or dilate help");
  for (size_t i = 0; i < sizeof commands / sizeof *commands; ++i)
    if (strcmp(argv[1], commands[i].name) == 0) return commands[i].run(argc - 1, argv + 1, f);
  return fail_with(
      f, EXIT_USAGE,
      "there is no command '%s': dilate targets, dilate sample TARGET, dilate compare DRAWS_A DRAWS_B, dilate check TARGET, or dilate help",
      argv[1]);
}

int main(int argc, char **argv) {
  failure f = {0};
  int status = run_command(argc, argv, &f);
  if (fflush(stdout) != 0 || ferror(stdout)) status = fail_with(&f, EXIT_RUN, "cannot write to standard output");
  if (f.exit_status) fprintf(stderr, "dilate: %s\n", f.message);
  return status;
}
