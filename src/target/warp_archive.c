/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A warp's layers in an archive. */
#include <string.h>

#include "target/warp.h"

static void linear_archive(archive *a, size_t dim, warp_linear *l) {
  archive_doubles(a, dim * dim, l->matrix);
  archive_doubles(a, dim * dim, l->inverse);
  archive_double(a, &l->log_det);
}

static void marginal_archive(archive *a, size_t dim, warp_marginal *m) {
  archive_bytes(a, dim, m->used);
  archive_doubles(a, dim * WARP_KNOTS, m->z);
  archive_doubles(a, dim * WARP_KNOTS, m->x);
  archive_doubles(a, dim * WARP_KNOTS, m->slope);
}

static void surface_archive(archive *a, size_t dim, warp_surface *s) {
  for (size_t e = 0; e < 2; e++) archive_size(a, &s->hyper[e], dim - 1);
  archive_doubles(a, 2, s->centre);
  archive_doubles(a, 2, s->unit);
  archive_double(a, &s->slope);
  archive_doubles(a, 2, s->low);
  archive_doubles(a, 2, s->high);
  archive_doubles(a, dim * WARP_SURFACE, s->location);
  archive_doubles(a, dim * WARP_SURFACE, s->log_scale);
  archive_doubles(a, dim * dim * WARP_SURFACE, s->weight);
}

static void term_archive(archive *a, size_t dim, warp_term *term) {
  int link = (int)term->link;
  archive_size(a, &term->hyper, dim - 1);
  archive_choice(a, &link, WARP_SOFTPLUS + 1);
  term->link = (warp_link)link;
  archive_double(a, &term->centre);
  archive_double(a, &term->low);
  archive_double(a, &term->high);
  archive_double(a, &term->rate);
}

static void conditional_archive(archive *a, size_t dim, warp_conditional *c) {
  archive_size(a, &c->hyper, dim - 1);
  archive_size(a, &c->parents, dim);
  archive_double(a, &c->centre);
  archive_double(a, &c->low);
  archive_double(a, &c->high);
  archive_bytes(a, dim, c->depends);
  archive_doubles(a, WARP_BENDS, c->bend);
  archive_doubles(a, dim, c->constant);
  archive_doubles(a, dim, c->linear);
  archive_doubles(a, dim, c->quadratic);
  archive_doubles(a, dim, c->log_scale);
  archive_doubles(a, dim * WARP_BENDS, c->bend_linear);
  archive_doubles(a, dim * WARP_BENDS, c->bend_log_scale);
  archive_size(a, &c->terms, WARP_TERMS);
  for (size_t k = 0; k < WARP_TERMS; k++) term_archive(a, dim, &c->term[k]);
  archive_doubles(a, dim * WARP_NATURAL, c->natural);
  archive_bytes(a, dim, c->naturally);
  archive_sizes(a, dim, c->parent, dim);
  archive_doubles(a, dim * dim, c->weight);
}

/* The layer that is read is made first; non-zero when it cannot be. */
static int add_layer(archive *a, int kind, warp *w) {
  const size_t square = kind == WARP_MARGINAL ? 3 * WARP_KNOTS : kind == WARP_SURFACES ? WARP_SURFACE * w->dim : w->dim;
  archive_expect(a, w->dim, square, sizeof(double));
  if (archive_failed(a)) return 1;
  const int failed = kind == WARP_LINEAR     ? !warp_add_linear(w)
                     : kind == WARP_MARGINAL ? !warp_add_marginal(w)
                     : kind == WARP_SURFACES ? !warp_add_surface(w)
                                             : !warp_add_conditional(w);
  if (failed && (kind == WARP_LINEAR || kind == WARP_SURFACES) && w->dim > WARP_LINEAR_DIM_MAX)
    archive_fail(a, DILATE_ECHECKPOINT, "a change of coordinates is of too many dimensions");
  if (failed) archive_fail(a, DILATE_ENOMEM, "out of memory");
  return failed;
}

static void layer_archive(archive *a, warp *w, size_t k) {
  int kind = archive_reads(a) ? 0 : (int)w->layer[k].kind;
  archive_choice(a, &kind, WARP_SURFACES + 1);
  if (archive_reads(a) && add_layer(a, kind, w)) return;
  warp_layer *l = &w->layer[k];
  if (kind == WARP_LINEAR) linear_archive(a, w->dim, &l->linear);
  if (kind == WARP_MARGINAL) marginal_archive(a, w->dim, &l->marginal);
  if (kind == WARP_SURFACES) surface_archive(a, w->dim, &l->surface);
  if (kind == WARP_CONDITIONAL) conditional_archive(a, w->dim, &l->conditional);
}

void warp_archive(archive *a, size_t dim, warp **w) {
  if (!archive_present(a, *w)) return;
  if (archive_reads(a) && !(*w = warp_create(dim))) archive_fail(a, DILATE_ENOMEM, "out of memory");
  if (!*w) return;
  size_t layers = archive_reads(a) ? 0 : (*w)->layers;
  archive_size(a, &layers, WARP_LAYERS_MAX);
  for (size_t k = 0; k < layers && !archive_failed(a); k++) layer_archive(a, *w, k);
}
