/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whole files or none, folders that are made and withdrawn, and the three files of a run. */
#define _POSIX_C_SOURCE 200809L
#include "io_cases.h"

#include "io/file.h"
#include "io/folder.h"
#include "io/save.h"
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static size_t entries(void) {
  DIR *listing = opendir(scratch);
  size_t n = 0;
  while (readdir(listing)) ++n;
  closedir(listing);
  return n - 2;
}

START_TEST(a_file_appears_whole_when_it_is_published) {
  failure f = {0};
  output_file file;
  put("out", "older");
  ck_assert_int_eq(output_open(scratch, "out", &file, &f), 0);
  fputs("newer", file.stream);
  assert_content("out", "older");
  ck_assert_int_eq(output_finish(&file, &f), 0);
  assert_content("out", "older");
  ck_assert_int_eq(output_publish(&file, &f), 0);
  assert_content("out", "newer");
  output_discard(&file);
  ck_assert_uint_eq(entries(), 1);
  assert_content("out", "newer");
}
END_TEST

START_TEST(a_file_that_is_discarded_leaves_nothing) {
  failure f = {0};
  output_file file;
  ck_assert_int_eq(output_open(scratch, "out", &file, &f), 0);
  ck_assert_uint_eq(entries(), 1);
  ck_assert(!exists("out"));
  output_discard(&file);
  ck_assert_uint_eq(entries(), 0);
}
END_TEST

START_TEST(a_file_cannot_be_made_where_there_is_no_folder) {
  failure f = {0};
  output_file file;
  ck_assert_int_eq(output_open(inside("no"), "out", &file, &f), EXIT_RUN);
  assert_holds(f.message, "cannot write into");
  assert_holds(f.message, "No such file");
  output_discard(&file);
}
END_TEST

START_TEST(a_full_disk_is_noticed) {
  failure f = {0};
  output_file file;
  ck_assert_int_eq(output_open(scratch, "out", &file, &f), 0);
  FILE *full = fopen("/dev/full", "w");
  if (full) {
    fclose(file.stream);
    file.stream = full;
    for (int i = 0; i < 100000; ++i) fputs("lost", full);
    ck_assert_int_eq(output_finish(&file, &f), EXIT_RUN);
    assert_holds(f.message, "/out': No space left on device");
  }
  output_discard(&file);
  ck_assert_uint_eq(entries(), 0);
}
END_TEST

START_TEST(folders_are_made_with_their_parents_and_withdrawn) {
  failure f = {0};
  folder made;
  ck_assert_int_eq(mkdir(inside("here"), 0777), 0);
  ck_assert_int_eq(folder_prepare(inside("here//a/b//"), &made, &f), 0);
  ck_assert(exists("here/a/b"));
  folder_withdraw(&made);
  folder_clear(&made);
  ck_assert(!exists("here/a"));
  ck_assert(exists("here"));
}
END_TEST

START_TEST(folders_that_hold_something_stay) {
  failure f = {0};
  folder made;
  ck_assert_int_eq(folder_prepare(inside("a/b"), &made, &f), 0);
  put("a/b/file", "kept");
  folder_withdraw(&made);
  folder_clear(&made);
  assert_content("a/b/file", "kept");
}
END_TEST

START_TEST(folders_that_were_there_stay) {
  failure f = {0};
  folder made;
  ck_assert_int_eq(mkdir(inside("a"), 0777), 0);
  ck_assert_int_eq(folder_prepare(inside("a"), &made, &f), 0);
  folder_withdraw(&made);
  folder_clear(&made);
  ck_assert(exists("a"));
  ck_assert_int_eq(folder_prepare(inside("a/"), &made, &f), 0);
  folder_withdraw(&made);
  folder_clear(&made);
  ck_assert(exists("a"));
}
END_TEST

START_TEST(folders_that_cannot_be_made_leave_nothing) {
  static const char *const wrong[] = {"file", "file/a", "file/a/b/"};
  put("file", "");
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; ++i) {
    failure f = {0};
    folder made;
    ck_assert_int_eq(folder_prepare(inside(wrong[i]), &made, &f), EXIT_RUN);
    assert_holds(f.message, "Not a directory");
    ck_assert_ptr_null(made.path);
  }
  failure f = {0};
  folder made;
  ck_assert_int_eq(folder_prepare("", &made, &f), EXIT_RUN);
  ck_assert_uint_eq(entries(), 1);
}
END_TEST

START_TEST(a_name_that_is_too_long_withdraws_its_parents) {
  failure f = {0};
  folder made;
  char name[400] = "a/b/";
  memset(name + 4, 'x', 300);
  ck_assert_int_eq(folder_prepare(inside(name), &made, &f), EXIT_RUN);
  assert_holds(f.message, "too long");
  ck_assert_uint_eq(entries(), 0);
}
END_TEST

START_TEST(a_run_is_three_files) {
  failure f = {0};
  dilate_result r = made_result();
  const outcome o = {.target = "made", .result = &r};
  put("draws.csv", "older");
  ck_assert_int_eq(save_outcome(scratch, &o, 1, &f), 0);
  ck_assert_uint_eq(entries(), 3);
  char *csv = file_text("draws.csv"), *json = file_text("summary.json"), *html = file_text("report.html");
  ck_assert_uint_eq(occurrences(csv, "\n"), MADE_ROWS + 1);
  assert_holds(json, "\"target\": \"made\"");
  assert_holds(html, "</html>");
  free(csv);
  free(json);
  free(html);
}
END_TEST

START_TEST(a_run_that_cannot_be_saved_spoils_nothing) {
  failure f = {0};
  dilate_result r = made_result();
  const outcome o = {.target = "made", .result = &r};
  put("draws.csv", "older");
  ck_assert_int_eq(save_outcome(inside("draws.csv"), &o, 1, &f), EXIT_RUN);
  assert_holds(f.message, "cannot write into");
  assert_content("draws.csv", "older");
  ck_assert_uint_eq(entries(), 1);
}
END_TEST

START_TEST(the_first_failure_wins_and_is_one_line) {
  failure f = {0};
  ck_assert_int_eq(fail_with(&f, EXIT_USAGE, "first\n%s\r\t.", "second"), EXIT_USAGE);
  ck_assert_int_eq(fail_with(&f, EXIT_RUN, "later"), EXIT_USAGE);
  ck_assert_str_eq(f.message, "first?second??.");
}
END_TEST

TCase *io_files_case(void) {
  TCase *const test = tcase_create("files");
  add_scratch(test);
  tcase_add_test(test, a_file_appears_whole_when_it_is_published);
  tcase_add_test(test, a_file_that_is_discarded_leaves_nothing);
  tcase_add_test(test, a_file_cannot_be_made_where_there_is_no_folder);
  tcase_add_test(test, a_full_disk_is_noticed);
  tcase_add_test(test, folders_are_made_with_their_parents_and_withdrawn);
  tcase_add_test(test, folders_that_hold_something_stay);
  tcase_add_test(test, folders_that_were_there_stay);
  tcase_add_test(test, folders_that_cannot_be_made_leave_nothing);
  tcase_add_test(test, a_name_that_is_too_long_withdraws_its_parents);
  tcase_add_test(test, a_run_is_three_files);
  tcase_add_test(test, a_run_that_cannot_be_saved_spoils_nothing);
  tcase_add_test(test, the_first_failure_wins_and_is_one_line);
  return test;
}
