/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The programs: picks the command, prints the one line of a failure, and turns it into the exit status. */
#include "cli/cli.h"
#include "cli/ranks.h"
#include "cli/streams.h"
#include "dilate.h"
#include <stdio.h>
#include <string.h>

typedef struct command {
  const char *name, *arguments; /* arguments: as usage has them; NULL: not listed */
  int (*run)(int argc, char **argv, failure *f);
  void (*help)(void); /* NULL: none of its own */
} command;

static const char *program_name;

static int show_help(int argc, char **argv, failure *f);
static int show_version(int argc, char **argv, failure *f);

static const command commands[] = {{"targets", "", command_targets, help_write_targets},
                                   {"sample", " TARGET", command_sample, help_write_sample},
                                   {"resume", " DIR", command_resume, help_write_resume},
                                   {"compare", " DRAWS_A DRAWS_B", command_compare, help_write_compare},
                                   {"check", " TARGET", command_check, help_write_check},
                                   {"summary", " DRAWS", command_summary, help_write_summary},
                                   {"new", " NAME", command_new, help_write_new},
                                   {"stan", " MODEL.stan", command_stan, help_write_stan},
                                   {"help", NULL, show_help, NULL},
                                   {"--help", NULL, show_help, NULL},
                                   {"-h", NULL, show_help, NULL},
                                   {"--version", NULL, show_version, NULL}};

enum { COMMANDS = sizeof commands / sizeof *commands };

static const command *find(const char *name) {
  for (size_t i = 0; i < COMMANDS; ++i)
    if (strcmp(name, commands[i].name) == 0) return &commands[i];
  return NULL;
}

/* "dilate targets, dilate sample TARGET, ..., ". */
static const char *list_commands(size_t room, char *list) {
  size_t length = 0;
  list[0] = '\0';
  for (size_t i = 0; i < COMMANDS && length < room; ++i)
    if (commands[i].arguments)
      length += (size_t)snprintf(list + length, room - length, "dilate %s%s, ", commands[i].name, commands[i].arguments);
  return list;
}

/* "sample | compare | ...". */
static const char *list_helps(size_t room, char *list) {
  size_t length = 0;
  list[0] = '\0';
  for (size_t i = 0; i < COMMANDS && length < room; ++i)
    if (commands[i].help) length += (size_t)snprintf(list + length, room - length, "%s%s", length ? " | " : "", commands[i].name);
  return list;
}

static int show_help(int argc, char **argv, failure *f) {
  char list[256];
  const command *of = argc == 2 ? find(argv[1]) : NULL;
  if (argc > 1 && !(of && of->help))
    return fail_with(f, EXIT_USAGE, "there is no help on '%s': dilate help [%s]", argv[argc - 1], list_helps(sizeof list, list));
  if (ranks_lead()) (of ? of->help : help_write)();
  return 0;
}

static int show_version(int argc, char **argv, failure *f) {
  if (argc > 1) return fail_with(f, EXIT_USAGE, "--version takes no argument: what is '%s'?", argv[1]);
  if (ranks_lead()) printf("%s %s\n", program_name, dilate_version());
  return 0;
}

static int run_command(int argc, char **argv, failure *f) {
  char list[512];
  const command *of = argc < 2 ? NULL : find(argv[1]);
  if (argc < 2) return fail_with(f, EXIT_USAGE, "what to do? %sor dilate help", list_commands(sizeof list, list));
  if (!of) return fail_with(f, EXIT_USAGE, "there is no command '%s': %sor dilate help", argv[1], list_commands(sizeof list, list));
  return of->run(argc - 1, argv + 1, f);
}

int program_run(const char *name, int argc, char **argv) {
  failure f = {0};
  program_name = name;
  streams_begin();
  int status = run_command(argc, argv, &f);
  if (streams_finish(&f)) status = f.exit_status;
  if (f.exit_status && ranks_lead()) fprintf(stderr, "dilate: %s\n", f.message);
  return status;
}
