/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table, the JSON and the verdicts. */
#include "bench/peers_table.h"

#include "bench/json.h"
#include "bench/support.h"
#include <math.h>

/* ---- Verdicts ---- */

static double best_cost(const outcome *o) {
  const reach *const best = outcome_best(o);
  return best != NULL ? reach_cost(best) : INFINITY;
}

/* Where neither has reached the target: the one that came nearer. */
static double nearest(const outcome *o) {
  return o->lengths > 0 ? o->length[o->lengths - 1].worth : 0;
}

sampler_id contest_emcee(const contest *c) {
  const outcome *const s = &c->outcome[SAMPLER_STRETCH], *const d = &c->outcome[SAMPLER_DIFFERENTIAL];
  if (isinf(best_cost(s)) && isinf(best_cost(d))) return nearest(d) > nearest(s) ? SAMPLER_DIFFERENTIAL : SAMPLER_STRETCH;
  return best_cost(d) < best_cost(s) ? SAMPLER_DIFFERENTIAL : SAMPLER_STRETCH;
}

standing contest_standing(const contest *c, sampler_id peer) {
  const double ours = best_cost(&c->outcome[SAMPLER_OURS]), theirs = best_cost(&c->outcome[peer]);
  if (c->outcome[peer].absent != NULL) return STANDING_ABSENT;
  if (c->outcome[peer].lengths == 0) return STANDING_FAIL; /* a sampler that breaks shows nothing */
  if (!c->multimodal && peer != SAMPLER_NUTS) return STANDING_PASS;
  return !isinf(ours) && theirs >= (c->multimodal ? TIMES_LESS : 1) * ours ? STANDING_PASS : STANDING_FAIL;
}

int contests_ok(size_t n, const contest *contests) {
  for (size_t i = 0; i < n; i++)
    if (contest_standing(&contests[i], contest_emcee(&contests[i])) == STANDING_FAIL ||
        contest_standing(&contests[i], SAMPLER_NUTS) == STANDING_FAIL)
      return 0;
  return 1;
}

/* ---- The table ---- */

/* A run of one length: seconds, evaluations, worth. */
static void print_reach(FILE *file, const reach *r) {
  fprintf(file, " %.2f | %.0f | %.0f |", r->seconds, r->evaluations / 1e3, r->worth);
}

static void print_never(FILE *file, const row *r, const reach *last) {
  fputs(" never:", file);
  const char *between = " ";
  for (size_t m = 0; m < MEASURES_MAX; m++) {
    if (!judge_counts(r->measures[m].kind)) continue;
    fprintf(file, "%s%s %.2g", between, measure_name(r->measures[m].kind), last->value[m]);
    between = ", ";
  }
  fputs(" | |", file);
}

static void print_line(FILE *file, const contest *c, sampler_id id) {
  static const char *const words[] = {"pass", "**fail**", ""};
  const outcome *const o = &c->outcome[id];
  const reach *const best = outcome_best(o);
  fprintf(file, "| %s | %s |", id == SAMPLER_OURS ? c->row->name : "", sampler_name(id));
  if (o->lengths == 0) {
    fprintf(file, " %s | | | | | %s |\n", o->absent != NULL ? o->absent : "broke off", words[contest_standing(c, id)]);
    return;
  }
  print_reach(file, best != NULL ? best : &o->length[o->lengths - 1]);
  if (best == NULL)
    print_never(file, c->row, &o->length[o->lengths - 1]);
  else
    fprintf(file, " %.3g | %.3g |", 1e3 * reach_cost(best), reach_cost(best) / best_cost(&c->outcome[SAMPLER_OURS]));
  fprintf(file, " %s |\n", id == SAMPLER_OURS ? "" : !c->multimodal && id != SAMPLER_NUTS ? "" : words[contest_standing(c, id)]);
}

void peers_print(FILE *file, size_t n, const contest *contests) {
  fputs("| target | sampler | CPU s | evaluations / 1000 | worth, exact draws | CPU ms for each | times ours | |\n"
        "| --- | --- | --: | --: | --: | --: | --: | --- |\n",
        file);
  for (size_t i = 0; i < n; i++) {
    print_line(file, &contests[i], SAMPLER_OURS);
    print_line(file, &contests[i], contest_emcee(&contests[i]));
    print_line(file, &contests[i], SAMPLER_NUTS);
  }
  fprintf(file,
          "\nMedians of %d runs on one processor.  Asked: on multimodal targets %d times ours or more, or never; on ionosphere and\n"
          "eight_schools NUTS, with its warm-up, takes no less than we do.  never: not worth %d exact draws within the limit.\n",
          SEEDS, TIMES_LESS, LEAST_DRAW);
}

/* ---- JSON ---- */

static json_t *reach_object(const row *r, const reach *length) {
  json_t *const object = json_object();
  put_value(object, "seconds", number_value(length->seconds));
  put_value(object, "evaluations", number_value(length->evaluations));
  put_value(object, "gradients", number_value(length->gradients));
  put_value(object, "worth", number_value(length->worth));
  for (size_t m = 0; m < MEASURES_MAX; m++)
    if (judge_counts(r->measures[m].kind)) put_value(object, measure_name(r->measures[m].kind), number_value(length->value[m]));
  return object;
}

static json_t *outcome_object(const contest *c, sampler_id id) {
  static const char *const words[] = {"pass", "fail", "absent"};
  const outcome *const o = &c->outcome[id];
  json_t *const object = json_object(), *const lengths = json_array();
  for (size_t l = 0; l < o->lengths; l++) append_value(lengths, reach_object(c->row, &o->length[l]));
  put_value(object, "sampler", json_string(sampler_name(id)));
  put_value(object, "absent", o->absent != NULL ? json_string(o->absent) : json_null());
  put_value(object, "seconds_per_exact_draw", number_value(best_cost(o)));
  if (id != SAMPLER_OURS) put_value(object, "standing", json_string(words[contest_standing(c, id)]));
  put_value(object, "lengths", lengths);
  return object;
}

void peers_save(const char *path, double limit, size_t n, const contest *contests) {
  json_t *const root = json_object(), *const rows = json_array();
  for (size_t i = 0; i < n; i++) {
    json_t *const object = json_object(), *const samplers = json_array();
    for (int id = 0; id < SAMPLERS; id++) append_value(samplers, outcome_object(&contests[i], (sampler_id)id));
    put_value(object, "row", json_string(contests[i].row->name));
    put_value(object, "target", json_string(contests[i].row->target));
    put_value(object, "multimodal", json_boolean(contests[i].multimodal));
    put_value(object, "samplers", samplers);
    append_value(rows, object);
  }
  put_value(root, "version", json_string(dilate_version()));
  put_value(root, "isa", json_string(dilate_isa()));
  put_value(root, "limit", number_value(limit));
  put_value(root, "pass", json_boolean(contests_ok(n, contests)));
  put_value(root, "rows", rows);
  save_json(path, root, 8);
}
