/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From BridgeStan's names to Stan's: indices follow a full stop each there, and stand in brackets here. */
#include "base/memory.h"
#include "target/stan.h"

#include <string.h>

static size_t count_names(const char *list) {
  size_t count = list[0] ? 1 : 0;
  for (; *list; list++) count += *list == ',';
  return count;
}

/* One name of `length` characters; a tuple's members, behind a colon, have indices of their own.  Returns the end of what was written,
 * which is at most as long and a closing bracket for each full stop longer. */
static char *write_name(const char *name, size_t length, char *to) {
  int open = 0;
  for (size_t i = 0; i < length; i++) {
    const char c = name[i];
    if (open && c == ':') {
      *to++ = ']';
      open = 0;
    }
    *to++ = (char)(c != '.' ? c : open ? ',' : '[');
    open |= c == '.';
  }
  if (open) *to++ = ']';
  *to++ = '\0';
  return to;
}

size_t stan_names(const char *list, char ***out) {
  const size_t count = count_names(list);
  *out = (char **)memory_new(count * sizeof(char *) + 2 * strlen(list) + 1, 1);
  if (!*out) return count;
  char *text = (char *)(*out + count);
  for (size_t i = 0; i < count; i++) {
    const size_t length = strcspn(list, ",");
    (*out)[i] = text;
    text = write_name(list, length, text);
    list += length + 1;
  }
  return count;
}
