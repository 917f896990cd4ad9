/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names that others' readers take: a Stan program's (Stan's reference manual, "Variables"), and NetCDF's (its C library, "Names"). */
#define _POSIX_C_SOURCE 200809L
#include "io/identifiers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST = 200, SUFFIX_ROOM = 24 }; /* NetCDF's names have 256 bytes, and those of dimensions are made from them */

/* Bytes of the character that begins here, by RFC 3629: neither longer than need be, nor half of a pair, nor beyond U+10FFFF.  0: none. */
static size_t character_length(const unsigned char *at) {
  static const struct {
    unsigned char first, last, low, high; /* of the first byte; of the second */
    unsigned char length;
  } forms[] = {{0x01, 0x7f, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
               {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
               {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4}};
  for (size_t k = 0; k < sizeof forms / sizeof *forms; ++k) {
    if (*at < forms[k].first || *at > forms[k].last) continue;
    if (forms[k].length > 1 && (at[1] < forms[k].low || at[1] > forms[k].high)) return 0;
    for (size_t i = 2; i < forms[k].length; ++i)
      if (at[i] < 0x80 || at[i] > 0xbf) return 0;
    return forms[k].length;
  }
  return 0;
}

int is_utf8(const char *string) {
  const unsigned char *at = (const unsigned char *)string;
  for (size_t length; *at; at += length)
    if ((length = character_length(at)) == 0) return 0;
  return 1;
}

static int is_letter(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static int is_word(unsigned char c) {
  return is_letter(c) || (c >= '0' && c <= '9') || c == '_';
}

static int fits(identifier_rule rule, unsigned char c, int first, int utf8) {
  if (rule == IDENTIFIER_STAN) return first ? is_letter(c) : is_word(c);
  if (c >= 0x80) return utf8;
  return first ? is_word(c) : c >= ' ' && c != 0x7f && c != '/';
}

/* Where the name of a dimension "..._dim_3" ends, as InferenceData has them; also "chain" and "draw". */
static int is_dimension(const char *name) {
  size_t end = strlen(name);
  const size_t length = end;
  while (end > 0 && name[end - 1] >= '0' && name[end - 1] <= '9') --end;
  return strcmp(name, "chain") == 0 || strcmp(name, "draw") == 0 || (end < length && end > 5 && strncmp(name + end - 5, "_dim_", 5) == 0);
}

/* Cuts a name of NetCDF's to its length, between characters. */
static void cut(char *name) {
  size_t end = LONGEST;
  if (strlen(name) <= end) return;
  while (end > 0 && ((unsigned char)name[end] & 0xC0) == 0x80) --end;
  name[end] = '\0';
}

/* What must not stand at the end. */
static void mend_end(identifier_rule rule, char *name) {
  const size_t length = strlen(name);
  if (rule == IDENTIFIER_NETCDF && name[length - 1] == ' ') name[length - 1] = '_';
  if (rule == IDENTIFIER_NETCDF && is_dimension(name)) strcat(name, "_");
  if (rule == IDENTIFIER_STAN && length >= 2 && strcmp(name + length - 2, "__") == 0) strcat(name, "x");
}

/* A copy that the rule allows, with room for a suffix; NULL: out of memory. */
static char *allowed(identifier_rule rule, const char *name) {
  char *const out = calloc(strlen(name) + SUFFIX_ROOM, 1), *to = out;
  const int utf8 = is_utf8(name);
  if (!out) return NULL;
  if (!fits(rule, (unsigned char)*name, 1, utf8)) *to++ = rule == IDENTIFIER_STAN ? 'x' : '_';
  for (; *name; ++name) *to++ = fits(rule, (unsigned char)*name, 0, utf8) ? *name : '_';
  if (rule == IDENTIFIER_NETCDF) cut(out);
  mend_end(rule, out);
  return out;
}

static int is_taken(size_t count, char *const *identifier, const char *name) {
  for (size_t i = 0; i < count; ++i)
    if (identifier[i] && strcmp(identifier[i], name) == 0) return 1;
  return 0;
}

/* Adds the first number that makes the name another than all of them. */
static void set_apart(size_t count, char *const *identifier, char *name) {
  char *const end = name + strlen(name);
  for (size_t number = 2; is_taken(count, identifier, name); ++number) snprintf(end, SUFFIX_ROOM - 4, "_%zu", number);
}

char **identifiers_make(identifier_rule rule, size_t count, const char *const *name, failure *f) {
  char **const out = calloc(count + 1, sizeof *out);
  int status = out ? 0 : -1;
  /* Those that need no change have the first choice. */
  for (int changed = 0; changed < 2; ++changed)
    for (size_t i = 0; !status && i < count; ++i) {
      if (out[i]) continue;
      char *const mine = allowed(rule, name[i]);
      const int stays = mine && strcmp(mine, name[i]) == 0 && !is_taken(count, out, mine);
      if (!mine) status = -1;
      if (mine && changed) set_apart(count, out, mine);
      if (stays || changed)
        out[i] = mine;
      else
        free(mine);
    }
  if (!status) return out;
  identifiers_free(count, out);
  fail_with(f, EXIT_RUN, "out of memory");
  return NULL;
}

void identifiers_free(size_t count, char **identifier) {
  for (size_t i = 0; identifier && i < count; ++i) free(identifier[i]);
  free(identifier);
}
