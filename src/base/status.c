/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Status texts, caller-owned errors and the version.
 *
 * A caller's dilate_error may be shorter than ours (an older header) or longer (a newer one): nothing is read or written
 * beyond the smaller of the two. */
#include "base/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define TEXT(x)                           #x
#define VERSION_TEXT(major, minor, patch) TEXT(major) "." TEXT(minor) "." TEXT(patch)

const char *dilate_version(void) {
  return VERSION_TEXT(DILATE_VERSION_MAJOR, DILATE_VERSION_MINOR, DILATE_VERSION_PATCH);
}

const char *dilate_status_text(int status) {
#define STATUS_TEXT(name, value, text)                                                                                                     \
  if (status == (value)) return text;
  DILATE_STATUS_LIST(STATUS_TEXT)
#undef STATUS_TEXT
  return "unknown status";
}

static size_t known_size(size_t struct_size) {
  return struct_size < sizeof(dilate_error) ? struct_size : sizeof(dilate_error);
}

void dilate_error_init_sized(dilate_error *err, size_t struct_size) {
  if (!err || struct_size < sizeof err->struct_size) return;
  memset(err, 0, known_size(struct_size));
  err->struct_size = struct_size;
}

/* The struct's size counts the padding after the message too, so that is not where the message ends. */
static void write_message(dilate_error *err, const char *format, va_list arguments) {
  const size_t start = offsetof(dilate_error, message), size = known_size(err->struct_size);
  const size_t room = size > start ? size - start : 0;
  if (room > 0) (void)vsnprintf(err->message, room < sizeof err->message ? room : sizeof err->message, format, arguments);
}

int error_set(dilate_error *err, int status, const char *format, ...) {
  if (!err || err->struct_size < offsetof(dilate_error, message) || err->status != DILATE_OK) return status;
  err->status = status;
  va_list arguments;
  va_start(arguments, format);
  write_message(err, format, arguments);
  va_end(arguments);
  return status;
}

int error_memory(dilate_error *err, const char *where) {
  return error_set(err, DILATE_ENOMEM, "out of memory in %s", where);
}
