/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plug-ins: a shared object that hands over a target.  Its symbols stay its own (RTLD_LOCAL), and all of
 * them must resolve at once (RTLD_NOW), so that a missing one is an error here and not a crash in the middle of a run. */
#include "base/memory.h"
#include "target/check.h"
#include "target/stan.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

typedef int (*abi_fn)(void);
typedef int (*open_fn)(const char *data_path, dilate_target *target, dilate_error *err);
typedef void (*close_fn)(dilate_target *target);

/* What dlsym() found, as what it is: ISO C has no cast from an object's address to a function's. */
typedef union symbol {
  void *address;
  abi_fn abi;
  open_fn open;
  close_fn close;
} symbol;

struct dilate_plugin {
  void *handle;
  close_fn close;   /* set once the target is open */
  stan_model *stan; /* instead, of a Stan model */
  dilate_target target;
};

/* A bare file name means a file here, not one on the loader's search path. */
static void *open_object(const char *path) {
  if (strchr(path, '/')) return dlopen(path, RTLD_NOW | RTLD_LOCAL);
  const size_t length = strlen(path);
  char *here = NEW(char, length + 3);
  if (!here) {
    (void)dlerror(); /* of an earlier call: this was no failure of the loader's */
    return NULL;
  }
  (void)snprintf(here, length + 3, "./%s", path);
  void *handle = dlopen(here, RTLD_NOW | RTLD_LOCAL);
  memory_free(here);
  return handle;
}

static int find_symbol(void *handle, const char *path, const char *name, symbol *out, dilate_error *err) {
  out->address = dlsym(handle, name);
  if (out->address) return DILATE_OK;
  return error_set(err, DILATE_EPLUGIN, "plug-in %s: it does not export %s; every plug-in must", path, name);
}

static int check_abi(void *handle, const char *path, dilate_error *err) {
  symbol found;
  const int status = find_symbol(handle, path, "dilate_plugin_abi", &found, err);
  if (status != DILATE_OK) return status;
  const int version = found.abi();
  if (version == DILATE_PLUGIN_ABI) return DILATE_OK;
  return error_set(err, DILATE_EPLUGIN,
                   "plug-in %s: it is built for plug-in interface %d, this library has %d; rebuild it against this dilate.h", path, version,
                   DILATE_PLUGIN_ABI);
}

/* A target that no sampler would take is refused at once, and closed: its close is set. */
static int check_opened(const dilate_plugin *plugin, const char *path, dilate_error *err) {
  dilate_error reason;
  dilate_target full;
  dilate_error_init(&reason);
  if (target_check(&plugin->target, &full, &reason) == DILATE_OK) return DILATE_OK;
  return error_set(err, DILATE_EPLUGIN, "plug-in %s: what dilate_plugin_open made is no target: %s", path, reason.message);
}

/* Sets plugin->close once there is something to close: after a failed open the plug-in has cleaned up itself. */
static int open_target(dilate_plugin *plugin, const char *path, const char *data_path, dilate_error *err) {
  symbol open, close;
  int status = find_symbol(plugin->handle, path, "dilate_plugin_open", &open, err);
  if (status == DILATE_OK) status = find_symbol(plugin->handle, path, "dilate_plugin_close", &close, err);
  if (status != DILATE_OK) return status;
  dilate_error reason;
  dilate_error_init(&reason);
  dilate_target_init(&plugin->target);
  const int code = open.open(data_path, &plugin->target, &reason);
  reason.message[sizeof reason.message - 1] = '\0';
  if (code != 0 && reason.message[0]) return error_set(err, DILATE_EPLUGIN, "plug-in %s: %s", path, reason.message);
  if (code != 0)
    return error_set(err, DILATE_EPLUGIN, "plug-in %s: dilate_plugin_open failed with %d (%s) and gave no reason", path, code,
                     dilate_status_text(code));
  plugin->close = close.close;
  return check_opened(plugin, path, err);
}

static int load(dilate_plugin *plugin, const char *path, const char *data_path, dilate_error *err) {
  plugin->handle = open_object(path);
  if (!plugin->handle) {
    const char *reason = dlerror();
    if (!reason) return error_memory(err, "loading a plug-in");
    return error_set(err, DILATE_EPLUGIN, "plug-in %s: cannot be loaded: %s", path, reason);
  }
  if (stan_is_model(plugin->handle)) return stan_open(plugin->handle, path, data_path, &plugin->stan, &plugin->target, err);
  const int status = check_abi(plugin->handle, path, err);
  return status != DILATE_OK ? status : open_target(plugin, path, data_path, err);
}

int dilate_plugin_load(const char *path, const char *data_path, dilate_plugin **out, dilate_error *err) {
  if (!out) return error_set(err, DILATE_EINVAL, "dilate_plugin_load: out is NULL; give the address of a dilate_plugin pointer");
  *out = NULL;
  if (!path || !path[0]) return error_set(err, DILATE_EINVAL, "dilate_plugin_load: no path; give that of a shared object");
  dilate_plugin *plugin = NEW(dilate_plugin, 1);
  if (!plugin) return error_memory(err, "loading a plug-in");
  const int status = load(plugin, path, data_path, err);
  if (status != DILATE_OK) {
    dilate_plugin_free(plugin);
    return status;
  }
  *out = plugin;
  return DILATE_OK;
}

const dilate_target *dilate_plugin_target(const dilate_plugin *plugin) {
  return plugin ? &plugin->target : NULL;
}

const char *dilate_plugin_complaint(const dilate_plugin *plugin, int at_draw) {
  return plugin ? stan_complaint(plugin->stan, at_draw) : NULL;
}

void dilate_plugin_free(dilate_plugin *plugin) {
  if (!plugin) return;
  if (plugin->close) plugin->close(&plugin->target);
  stan_close(plugin->stan);
  if (plugin->handle) (void)dlclose(plugin->handle);
  memory_free(plugin);
}
